import type { Op } from '@chaos/core'
import { differs, disown, files, isOwned, own, server } from '@chaos/operations'
import type { LeftUser } from './left.ts'
import { groupArgs } from './look.ts'
import type { LookedKeys } from './look-keys.ts'
import type { Looked, LookedGroup, LookedUser } from './look.ts'
import { noteAbout } from './memory.ts'
import { formerPath, sudoName, sudoPath } from './sudo.ts'
import { noteOf, readNote } from './user-args.ts'

/** One thing to do. */
export interface Step {
  /** `user ana`. */
  readonly what: string
  /** When: what others need comes before them, what they need goes after them. */
  readonly order: number
  readonly make: () => Op
}

export interface UsersDelta {
  readonly add: readonly Step[]
  readonly change: readonly Step[]
  readonly remove: readonly Step[]
  readonly kept: readonly string[]
}

const ORDER = { hostname: 0, group: 1, userWithId: 2, user: 3, keys: 4, rule: 5, noFormerRule: 6, noRule: 7, noKeys: 8, noUser: 9, noGroup: 10 } as const

const ROOT = { root: true } as const

type Kind = 'add' | 'change' | 'remove'
type Entry = readonly [Kind, Step]

/** What differs. Rules of sudo come after the accounts they are about, and go before them. */
export function deltaOf(looked: Looked): UsersDelta {
  const { hostname, groups, users, missingGroups, left } = looked
  const going = new Set([...users.filter(({ item }) => item.state === 'absent').map(({ item }) => item.name), ...left.users.filter(({ kept }) => kept === undefined).map(({ name }) => name)])
  // The rule of an account that goes goes with it, changed or not: the next of that name must not have it.
  const rules = left.rules.filter(({ user }) => !going.has(user))
  const entries: Entry[] = [
    ...(hostname && differs(hostname.diff) ? [step('change', 'host name', ORDER.hostname, () => server.hostname({ name: hostname.name }, ROOT))] : []),
    ...groups.flatMap((group) => groupEntries(group)),
    // As a package would make it, so that one that comes later finds what it needs.
    ...missingGroups.map((name) => step('add', `group ${name}`, ORDER.group, () => server.group({ name, system: true }, { ...ROOT, ...own('group', name, { membership: true }) }))),
    ...users.flatMap((user) => userEntries(user, looked)),
    ...left.users.flatMap((user) => (user.kept === undefined ? leavingEntries(user) : keyEntries(user.name, user.keys, undefined, ORDER.noKeys))),
    ...left.keys.flatMap(({ user, keys }) => keyEntries(user, keys, undefined, ORDER.noKeys)),
    ...rules.filter(({ changed, there }) => !changed || !there).map(({ user }) => noRule(user)),
    ...left.groups.filter(({ kept, users: inside }) => kept === undefined && inside.every((name) => going.has(name))).map(({ name }) => noGroup(name)),
  ]
  const of = (kind: Kind): Step[] => entries.flatMap(([each, found]) => (each === kind ? [found] : []))
  const stillIn = left.groups.flatMap(({ name, kept, users: inside }) => {
    const others = inside.filter((user) => !going.has(user))
    return kept === undefined && others.length > 0 ? [`the group ${name}: ${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} in it`] : []
  })
  const kept = [
    ...[...left.users, ...left.groups].flatMap((each) => each.kept ?? []),
    ...rules.filter(({ changed, there }) => changed && there).map(({ user }) => `${sudoPath(user)}: it was changed since chaos added it`),
    ...stillIn,
  ]
  return { add: of('add'), change: of('change'), remove: of('remove'), kept }
}

/** In the order in which it is done. */
export function stepsOf({ add, change, remove }: UsersDelta): Step[] {
  return [...add, ...change, ...remove].toSorted((one, other) => one.order - other.order)
}

function step(kind: Kind, what: string, order: number, make: () => Op): Entry {
  return [kind, { what, order, make }]
}

function groupEntries({ item, there, diff }: LookedGroup): Entry[] {
  const { name, gid, state } = item
  if (state === 'absent') return differs(diff) ? [noGroup(name)] : []
  if (!differs(diff)) return []
  const memory = there ? {} : own('group', name, gid === undefined ? {} : { gid })
  return [step(there ? 'change' : 'add', `group ${name}`, ORDER.group, () => server.group(groupArgs(item), { ...ROOT, ...memory }))]
}

function userEntries(user: LookedUser, { state }: Looked): Entry[] {
  const { item, there, args, diff, sudoThere, formerThere } = user
  const { name } = item
  const owned = isOwned(state, 'user', name)
  if (item.state === 'absent') {
    return [...rulesGone(name, sudoThere || isOwned(state, 'sudo', name), formerThere), ...keyEntries(name, user.keys, undefined, ORDER.noKeys), ...(differs(diff) || owned ? [noUser(name, item.remove_home ?? false)] : [])]
  }
  const note = noteOf(args, item)
  // What others made is not ours, however much of it we change.
  const memory = there ? (owned ? own('user', name, { ...readNote(noteAbout(state, 'user', name)), ...note }) : {}) : own('user', name, note)
  return [
    ...(differs(diff) ? [step(there ? 'change' : 'add', `user ${name}`, !there && item.uid !== undefined ? ORDER.userWithId : ORDER.user, () => server.user(args, { ...ROOT, ...memory }))] : []),
    ...keyEntries(name, user.keys, item, ORDER.keys),
    ...ruleEntries(user, isOwned(state, 'sudo', name)),
  ]
}

function keyEntries(name: string, keys: LookedKeys | undefined, item: LookedUser['item'] | undefined, order: number): Entry[] {
  if (!keys || (!differs(keys.diff) && keys.former.length === 0)) return []
  const { fresh, former } = keys
  const named = (some: readonly string[]): string[] => some.map((key) => `${name} ${key}`)
  const memory = { ...(fresh.length > 0 ? own('key', named(fresh)) : {}), ...(former.length > 0 ? disown('key', named(former)) : {}) }
  const args = { user: name, keys: item?.keys ?? [], absent: [...former], exclusive: item?.exclusive_keys ?? false }
  return [step(fresh.length > 0 ? 'add' : 'change', `keys of ${name}`, order, () => server.authorizedKeys(args, { ...ROOT, ...memory }))]
}

function ruleEntries({ item: { name, sudo: wanted }, sudo, sudoThere, formerThere }: LookedUser, owned: boolean): Entry[] {
  if (wanted === false) return rulesGone(name, sudoThere || owned, formerThere)
  if (!sudo) return []
  const { rule, diff } = sudo
  const memory = !sudoThere || owned ? own('sudo', name, rule) : {}
  return [
    ...(differs(diff) ? [step(sudoThere ? 'change' : 'add', `sudo of ${name}`, ORDER.rule, () => server.sudoers({ name: sudoName(name), ...rule }, { ...ROOT, ...memory }))] : []),
    ...(formerThere ? [noFormerRule(name)] : []),
  ]
}

function leavingEntries({ name, gone, owned, removeHome, keys, sudoThere, formerThere }: LeftUser): Entry[] {
  return [...rulesGone(name, sudoThere, formerThere), ...keyEntries(name, keys, undefined, ORDER.noKeys), ...(gone && !owned ? [] : [noUser(name, removeHome)])]
}

function rulesGone(name: string, ours: boolean, former: boolean): Entry[] {
  return [...(former ? [noFormerRule(name)] : []), ...(ours ? [noRule(name)] : [])]
}

function noRule(user: string): Entry {
  return step('remove', `sudo of ${user}`, ORDER.noRule, () => server.sudoers({ name: sudoName(user), present: false }, { ...ROOT, ...disown('sudo', user) }))
}

function noFormerRule(user: string): Entry {
  return step('remove', formerPath(user), ORDER.noFormerRule, () => files.file({ path: formerPath(user), present: false }, ROOT))
}

function noUser(name: string, removeHome: boolean): Entry {
  return step('remove', `user ${name}`, ORDER.noUser, () => server.user({ name, present: false, removeHome }, { ...ROOT, ...disown('user', name) }))
}

function noGroup(name: string): Entry {
  return step('remove', `group ${name}`, ORDER.noGroup, () => server.group({ name, present: false }, { ...ROOT, ...disown('group', name) }))
}
