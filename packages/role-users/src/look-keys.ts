import type { Diff, Host, RoleState } from '@chaos/core'
import { accountName, compared, facts, isOwned, keyIdentity, server, undeclared } from '@chaos/operations'
import type { UserItem } from './keys.ts'

/** Where it is looked: what compares for itself, root, and the role's memory. */
export interface On {
  readonly host: Host
  readonly root: Host
  readonly state: RoleState
}

export interface LookedKeys {
  /** Not there yet, by what they are. */
  readonly fresh: readonly string[]
  /** Added by the role, and no longer declared. */
  readonly former: readonly string[]
  readonly diff: Diff
}

/** The keys of one account: those that are declared, and those that the role added before. */
export async function lookAtKeys(name: string, item: Pick<UserItem, 'keys' | 'exclusive_keys'> | undefined, { host, root, state }: On): Promise<LookedKeys | undefined> {
  const lines = item?.keys ?? []
  const declared = lines.flatMap((line) => keyIdentity(line) ?? [])
  const former = ownedKeys(state, name).filter((key) => !declared.includes(key))
  const exclusive = item?.exclusive_keys ?? false
  if (lines.length + former.length === 0 && !exclusive) return undefined
  const [have, diff] = await Promise.all([
    root.fact(facts.authorizedKeys(name)),
    compared(() => server.authorizedKeys({ user: name, keys: lines, absent: former, exclusive }, { root: true }), host),
  ])
  const there = new Set(have.text.split('\n').map(keyIdentity))
  return { fresh: declared.filter((key) => !there.has(key) && !isOwned(state, 'key', `${name} ${key}`)), former, diff }
}

/** Keys that the role let in as somebody; what else stands in its memory is passed over. */
function ownedKeys(state: RoleState, name: string): string[] {
  return undeclared(state, 'key', []).flatMap(({ name: id }) => {
    const key = id.startsWith(`${name} `) ? id.slice(name.length + 1) : undefined
    return key !== undefined && keyIdentity(key) === key ? [key] : []
  })
}

/** Whose keys the role let in. */
export function keyOwners(state: RoleState): string[] {
  return [...new Set(undeclared(state, 'key', []).flatMap(({ name }) => name.split(' ', 1)).filter((name) => accountName.safeParse(name).success))]
}
