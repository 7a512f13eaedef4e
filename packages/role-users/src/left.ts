import type { Diff } from '@chaos/core'
import { compared, facts, isPerson, server } from '@chaos/operations'
import * as z from '@chaos/operations/zod'
import type { Wanted } from './keys.ts'
import { keyOwners, lookAtKeys } from './look-keys.ts'
import type { LookedKeys, On } from './look-keys.ts'
import { leftBehind } from './memory.ts'
import { formerPath, sudoName, sudoPath } from './sudo.ts'
import type { SudoRule } from './sudo.ts'
import { readNote } from './user-args.ts'
import type { Noted } from './user-args.ts'

type User = NonNullable<Parameters<typeof isPerson>[0]> & { name: string; home: string; comment: string; local: boolean }

/** What is no longer declared: what the role added itself, and with `exclusive` the accounts of all other people. */
export interface Left {
  readonly users: readonly LeftUser[]
  readonly groups: readonly LeftGroup[]
  /** Rules of accounts that say nothing of sudo any more. */
  readonly rules: readonly { user: string; there: boolean; changed: boolean }[]
  /** Keys that let in as somebody whom nobody declares, and whom the role did not add. */
  readonly keys: readonly { user: string; keys: LookedKeys }[]
}

export interface LeftUser {
  readonly name: string
  /** Nobody of that name is there any more. */
  readonly gone: boolean
  readonly owned: boolean
  /** Why it stays; undefined = it goes. */
  readonly kept: string | undefined
  readonly removeHome: boolean
  readonly keys: LookedKeys | undefined
  readonly sudoThere: boolean
  readonly formerThere: boolean
}

export interface LeftGroup {
  readonly name: string
  readonly gone: boolean
  /** Why it stays, where that does not hang on who else goes. */
  readonly kept: string | undefined
  readonly users: readonly string[]
}

const groupNote = z.object({ gid: z.number().optional(), membership: z.boolean().optional() })
const ruleNote = z.union([
  z.strictObject({ content: z.string() }),
  z.strictObject({ user: z.string(), nopasswd: z.boolean().optional(), commands: z.array(z.string()).optional(), runas: z.string().optional() }),
])

/** An absent key is not managed: what was added under it stays, unmentioned. */
export async function lookAtLeft(wanted: Wanted, on: On): Promise<Left> {
  const [users, groups, rules, keys] = await Promise.all([leftUsers(wanted, on), leftGroups(wanted, on), leftRules(wanted, on), leftKeys(wanted, on)])
  return { users, groups, rules, keys: keys.filter(({ user }) => !users.some(({ name }) => name === user)) }
}

async function leftUsers({ users, exclusive }: Wanted, on: On): Promise<LeftUser[]> {
  if (!users) return []
  const { host, root, state } = on
  const declared = users.map(({ name }) => name)
  const owned = leftBehind(state, 'user', declared)
  const [all, mine] = await Promise.all([
    exclusive ? root.fact(facts.users()) : [],
    Promise.all(owned.map(async ({ name, value }) => ({ name, note: readNote(value), have: await root.fact(facts.user(name)) }))),
  ])
  const others = all.filter((user) => isPerson(user) && !declared.includes(user.name) && !owned.some(({ name }) => name === user.name) && host.protects('user', user.name) === undefined)
  const leaving = [
    ...mine.map(({ name, note, have }) => {
      const surplus = exclusive && have !== null && isPerson(have)
      return { name, gone: have === null, owned: true, removeHome: note?.remove_home ?? false, kept: have === null ? undefined : whyKept(name, have, note, host.protects('user', name), surplus) }
    }),
    ...others.map(({ name }) => ({ name, gone: false, owned: false, removeHome: false, kept: undefined })),
  ]
  return Promise.all(
    leaving.map(async (each) => {
      const [ours, former, keys] = await Promise.all([root.fact(facts.stat(sudoPath(each.name))), root.fact(facts.stat(formerPath(each.name))), lookAtKeys(each.name, undefined, on)])
      return { ...each, keys, sudoThere: ours !== null, formerThere: former !== null }
    }),
  )
}

/** Whoever changed it may count on it. With `exclusive` that does not help. */
function whyKept(name: string, have: User, note: Noted | undefined, why: string | undefined, surplus: boolean): string | undefined {
  if (why !== undefined) return `the user ${name}: ${why}`
  if (!have.local) return `the user ${name}: it comes from a directory`
  if (surplus) return undefined
  if (!note) return `the user ${name}: what was noted when it was added cannot be read`
  const changed = (['uid', 'shell', 'home', 'comment'] as const).find((key) => note[key] !== undefined && note[key] !== have[key])
  return changed && `the user ${name}: its ${changed} was changed since chaos added it (${note[changed] || 'none'} → ${have[changed] || 'none'})`
}

async function leftGroups({ groups, users }: Wanted, { host, root, state }: On): Promise<LeftGroup[]> {
  const declared = new Set([...(groups ?? []).map(({ name }) => name), ...(users ?? []).flatMap((item) => item.groups ?? [])])
  const left = await Promise.all(
    leftBehind(state, 'group', declared).map(async ({ name, value }) => {
      const note = groupNote.safeParse(value)
      const membership = note.success && note.data.membership === true
      // Each belongs to the key under which it was made.
      if (membership ? users === undefined : groups === undefined) return undefined
      const have = await root.fact(facts.group(name))
      if (!have) return { name, gone: true, kept: undefined, users: [] }
      const why = host.protects('group', name) ?? (membership ? 'it was made for somebody to be in it, and a package may need it by now; `groups` with state: absent takes it away' : undefined)
      const gid = note.success && note.data.gid !== undefined && note.data.gid !== have.gid ? 'its id was changed since chaos added it' : undefined
      const kept = why ?? gid
      return { name, gone: false, kept: kept && `the group ${name}: ${kept}`, users: [...new Set([...have.members, ...have.primaryOf])] }
    }),
  )
  return left.flatMap((group) => group ?? [])
}

async function leftRules({ users }: Wanted, { host, root, state }: On): Promise<Left['rules'][number][]> {
  if (!users) return []
  const declared = users.filter(({ sudo, state }) => sudo !== undefined || state === 'absent').map(({ name }) => name)
  return Promise.all(
    leftBehind(state, 'sudo', declared).map(async ({ name, value }) => {
      const note = ruleNote.safeParse(value)
      const [there, diff] = await Promise.all([
        root.fact(facts.stat(sudoPath(name))),
        note.success ? compared(() => server.sudoers({ name: sudoName(name), ...(note.data as SudoRule) }, { root: true }), host) : unreadable,
      ])
      return { user: name, there: there !== null, changed: 'later' in diff || diff.length > 0 }
    }),
  )
}

async function leftKeys({ users }: Wanted, on: On): Promise<Left['keys'][number][]> {
  if (!users) return []
  const names = keyOwners(on.state).filter((user) => !users.some(({ name }) => name === user))
  const found = await Promise.all(names.map(async (user) => ({ user, keys: await lookAtKeys(user, undefined, on) })))
  return found.flatMap(({ user, keys }) => (keys ? [{ user, keys }] : []))
}

const unreadable: Diff = { later: 'what was noted of it cannot be read' }

