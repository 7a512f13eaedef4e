import { createHash } from 'node:crypto'
import type { Command } from '@chaos/core'
import { elevationKey } from '../../session/index.ts'
import type { CommandPart } from '../../session/contract.ts'
import type { Applying } from '../applying.ts'
import type { FramedOperation } from '../frame.ts'
import { arm } from './commands.ts'
import type { Entry, Watch } from './contract.ts'
import { keptOf } from './keep.ts'
import { isRisky } from './risk.ts'
import { titleOf } from './title.ts'
import { watcherScript } from './watcher.ts'

/** Seconds that a frame may take until the time of its guard runs nevertheless, where its operations may take any. */
const WORK = 600

/** A frame that is made under the access guard. */
export interface Armed {
  readonly watch: Watch
  /** What goes in front of the changes. */
  readonly part: CommandPart
  /** The operations of the frame that are guarded. */
  readonly framed: readonly FramedOperation[]
  /** Seconds that the frame may take. */
  readonly work: number
}

/** Arms the guard in front of a frame that holds risky changes; undefined for any other. */
export function armFor(framed: readonly FramedOperation[], { host, guard, run, timeout, emit }: Applying): Armed | undefined {
  const risky = framed.filter(({ changes }) => changes.some(isRisky))
  const [first] = risky
  if (guard === 0 || first === undefined) return undefined
  const { as } = first.run
  const key = elevationKey(as)
  const watch = host.watches.get(key) ?? { as, name: nameOf(run.id, host.name, key), armed: 0, entries: [], guarded: [], open: false }
  host.watches.set(key, watch)
  const entries = newEntries(watch, risky, host.base.os.home)
  watch.armed += 1
  watch.entries = [...watch.entries, ...entries]
  // One that is tried again is there already.
  const again = new Set(risky.map((each) => each.run))
  watch.guarded = [
    ...watch.guarded.filter((each) => !again.has(each.run)),
    ...risky.map((each) => ({ run: each.run, changes: each.changes })),
  ]
  const times = framed.map((each) => each.run.op.options.timeout ?? timeout)
  const work = times.every((each) => each !== undefined) ? times.reduce((sum, each) => sum + each, 0) : WORK
  const watcher = watcherScript({ seconds: guard, work: Math.ceil(work), entries: watch.entries, undo: undoOf(watch) })
  emit({ type: 'guard', host: host.name, state: 'armed', seconds: guard, changes: risky.map((each) => titleOf(each.run)) })
  return { watch, framed: risky, work, part: { kind: 'command', trusted: true, command: arm({ name: watch.name, armed: watch.armed, entries, watcher }) } }
}

/** The commands of undoing in the order in which they run: the last change first. */
export function undoOf({ guarded }: Watch): readonly Command[] {
  return guarded.toReversed().flatMap(({ changes }) => changes.toReversed().flatMap(({ undo = [] }) => undo))
}

function newEntries({ entries }: Watch, risky: readonly FramedOperation[], home: string): readonly Entry[] {
  const known = (path: string, whole: boolean): boolean => entries.some((each) => each.path === path && each.whole === whole)
  const kept = risky.flatMap(({ run, changes }) => keptOf(run, changes, home))
  const fresh = kept.filter(({ path, whole }, index) => !known(path, whole) && kept.findIndex((other) => other.path === path && other.whole === whole) === index)
  const next = Math.max(0, ...entries.map(({ number }) => number)) + 1
  return fresh.map((each, index) => ({ ...each, number: next + index }))
}

/** One folder a user, also where two ways lead to the same one. */
function nameOf(run: string, host: string, key: string): string {
  return `guard-${run}-${createHash('sha256').update(`${host}\n${key}`).digest('hex').slice(0, 8)}`
}
