import type { Host, Op } from '@chaos/core'
import { differs, disown, isOwned, own, scopedName, systemd } from '@chaos/operations'
import type { ServicesDelta } from './delta.ts'
import { SERVICE } from './left.ts'
import type { LeftService } from './left.ts'
import { turnedOn } from './target.ts'
import type { Target } from './target.ts'
import { FILE } from './unit-files.ts'
import type { LeftFile } from './unit-files.ts'

/** Files first, then services, those that shall be the same as one operation; what goes off is off before its file is gone. */
export function* stepsOf({ change, remove }: ServicesDelta, host: Host): Generator<Op, void, void> {
  const [files, services] = [remove.filter(isFile), remove.filter((each): each is LeftService => !isFile(each))]
  const stays = new Set(change.map(({ unit, item }) => scopedName(unit.name, item.user)))
  for (const file of new Map(change.flatMap(({ files: all }) => all).map((each) => [each.name, each])).values()) if (differs(file.diff)) yield file.make()
  for (const file of files) if (stays.has(file.unit)) yield gone(file)
  for (const group of grouped(change, ({ item, ...target }) => groupOf({ item, ...target }, host))) yield serviceOf(group, host)
  for (const group of grouped(services, ({ name, user, off, remembered }) => JSON.stringify([user, off, remembered !== undefined, host.protects('service', name) === undefined ? '' : name]))) yield offOf(group)
  for (const file of files) if (!stays.has(file.unit)) yield gone(file)
}

function isFile(each: LeftService | LeftFile): each is LeftFile {
  return 'make' in each
}

function gone(file: LeftFile): Op {
  return file.make({ root: true, ...disown(FILE, file.name) })
}

/** What is alone in its operation: what follows files, cannot be told yet, or lets us in. */
function groupOf(target: Target, host: Host): string {
  const { unit, item, wanted, acts, restartWhenNewer, reloadWhenNewer } = target
  const alone = typeof acts === 'string' || unit.load === 'not-found' || restartWhenNewer.length + reloadWhenNewer.length > 0 || host.protects('service', unit.id) !== undefined
  return JSON.stringify([alone ? unit.name : '', item.user, item.state, wanted, notedOf(target, host)])
}

function notedOf(target: Target, host: Host): Record<string, unknown> {
  const before = host.state().items[`${SERVICE}:${remembered(target)}`]
  const on = turnedOn(target)
  return Object.keys(on).length === 0 ? {} : { ...(typeof before === 'object' ? before : {}), ...on }
}

function serviceOf(group: readonly [Target, ...Target[]], host: Host): Op {
  const [first] = group
  const { item, wanted, restartWhenNewer, reloadWhenNewer } = first
  const noted = notedOf(first, host)
  const names = group.map(remembered)
  const memory = Object.keys(noted).length > 0 ? own(SERVICE, names, noted) : item.state === 'absent' ? disown(SERVICE, names.filter((name) => isOwned(host.state(), SERVICE, name))) : {}
  return systemd.service(
    {
      name: group.map(({ unit }) => unit.name),
      ...defined(wanted),
      restartWhenNewer: [...restartWhenNewer],
      reloadWhenNewer: [...reloadWhenNewer],
      ...(item.state === 'absent' ? { removes: true } : {}),
      ...(item.user === undefined ? {} : { user: item.user }),
    },
    { root: true, ...memory },
  )
}

function remembered({ unit, item }: Target): string {
  return scopedName(unit.name, item.user)
}

function offOf(group: readonly [LeftService, ...LeftService[]]): Op {
  const [{ off, user }] = group
  const ours = group.flatMap((each) => each.remembered ?? [])
  const what = Object.keys(off).length === 0 ? { running: undefined, enabled: false as const } : off
  return systemd.service(
    { name: group.map(({ name }) => name), ...defined(what), removes: true, ...(user === undefined ? {} : { user }) },
    { root: true, ...(ours.length === 0 ? {} : disown(SERVICE, ours)) },
  )
}

export function grouped<T>(all: readonly T[], key: (each: T) => string): (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>()
  for (const each of all) {
    const found = groups.get(key(each))
    if (found) found.push(each)
    else groups.set(key(each), [each])
  }
  return [...groups.values()]
}

export function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
