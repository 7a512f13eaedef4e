import type { Diff, Host, RoleInput, RoleState } from '@chaos/core'
import { compared, facts, server } from '@chaos/operations'
import { wantedOf } from './keys.ts'
import type { GroupItem, keys, UserItem, Wanted } from './keys.ts'
import { lookAtLeft } from './left.ts'
import type { Left } from './left.ts'
import { lookAtKeys } from './look-keys.ts'
import type { LookedKeys, On } from './look-keys.ts'
import { passwordOf } from './passwords.ts'
import { formerPath, sudoName, sudoPath, sudoRule } from './sudo.ts'
import type { SudoRule } from './sudo.ts'
import { userArgs } from './user-args.ts'
import type { UserArgs } from './user-args.ts'

/** All that is known of a host and of what it shall be, before anything is decided. */
export interface Looked {
  readonly hostname: { name: string; diff: Diff } | undefined
  readonly groups: readonly LookedGroup[]
  readonly users: readonly LookedUser[]
  /** What accounts shall be in, nobody declares as a group, and is not there. */
  readonly missingGroups: readonly string[]
  readonly left: Left
  readonly state: RoleState
}

export interface LookedGroup {
  readonly item: GroupItem
  readonly there: boolean
  readonly diff: Diff
}

export interface LookedUser {
  readonly item: UserItem
  readonly there: boolean
  readonly args: UserArgs
  readonly diff: Diff
  readonly keys: LookedKeys | undefined
  /** The files of its rule: ours, and that of the Python Ch-aOS. */
  readonly sudoThere: boolean
  readonly formerThere: boolean
  readonly sudo: { rule: SudoRule; diff: Diff } | undefined
}

/** Asks everything at once, as root. */
export async function look({ host, desired, secrets }: RoleInput<typeof keys>): Promise<Looked> {
  const root = host.as({ root: true })
  const state = host.state()
  const wanted = wantedOf(desired)
  const [hostname, groups, users, missingGroups, left] = await Promise.all([
    wanted.hostname === undefined ? undefined : lookAtName(wanted.hostname, host),
    Promise.all((wanted.groups ?? []).map((item) => lookAtGroup(item, host, root))),
    Promise.all((wanted.users ?? []).map((item) => lookAtUser(item, secrets, { host, root, state }))),
    missingOf(wanted, root),
    lookAtLeft(wanted, { host, root, state }),
  ])
  return { hostname, groups, users, missingGroups, left, state }
}

export const groupArgs = ({ name, state, gid, system }: GroupItem) => ({
  name, present: state !== 'absent', ...(gid === undefined ? {} : { gid }), ...(system === undefined ? {} : { system }),
})

async function lookAtName(name: string, host: Host): Promise<{ name: string; diff: Diff }> {
  return { name, diff: await compared(() => server.hostname({ name }, { root: true }), host) }
}

async function lookAtGroup(item: GroupItem, host: Host, root: Host): Promise<LookedGroup> {
  const [have, diff] = await Promise.all([root.fact(facts.group(item.name)), compared(() => server.group(groupArgs(item), { root: true }), host)])
  return { item, there: have !== null, diff }
}

async function missingOf({ users, groups }: Wanted, root: Host): Promise<string[]> {
  const declared = new Set(groups?.map(({ name }) => name))
  const own = new Set(users?.map(({ name }) => name))
  const wanted = [...new Set((users ?? []).flatMap((item) => item.groups ?? []))].filter((name) => !declared.has(name) && !own.has(name))
  const found = await Promise.all(wanted.map(async (name) => [name, await root.fact(facts.group(name))] as const))
  return found.flatMap(([name, have]) => (have === null ? [name] : []))
}

async function lookAtUser(item: UserItem, secrets: Readonly<Record<string, unknown>>, on: On): Promise<LookedUser> {
  const { host, root } = on
  const { name, state } = item
  const absent = state === 'absent'
  const args = absent ? { name, present: false, removeHome: item.remove_home ?? false } : userArgs(item, passwordOf(item, secrets))
  const rule = sudoRule(item)
  const [have, bash, diff, keys, ours, former, sudo] = await Promise.all([
    root.fact(facts.user(name)),
    root.fact(facts.program('/bin/bash')),
    compared(() => server.user(args, { root: true }), host),
    lookAtKeys(name, absent ? undefined : item, on),
    root.fact(facts.stat(sudoPath(name))),
    root.fact(facts.stat(formerPath(name))),
    rule && compared(() => server.sudoers({ name: sudoName(name), ...rule }, { root: true }), host),
  ])
  const shell = bash === null || item.system === true ? undefined : bash
  return {
    item, diff, keys,
    there: have !== null,
    args: absent || have ? args : userArgs(item, passwordOf(item, secrets), shell),
    sudoThere: ours !== null,
    formerThere: former !== null,
    sudo: rule && sudo ? { rule, diff: sudo } : undefined,
  }
}
