import type { Change, PathTouch } from '@chaos/core'
import { touchesOf } from '../operation-run.ts'
import type { OperationRun } from '../operation-run.ts'
import { normalize } from '../touches.ts'
import type { Kept } from './contract.ts'
import { accessPlaces, isAccounts } from './places.ts'
import { isRisky, onlyWrites, writtenPaths } from './risk.ts'

/** The paths that are to be as they were when an operation's risky changes are taken back, a folder before what is in it. */
export function keptOf(run: OperationRun, changes: readonly Change[], home: string): readonly Kept[] {
  const risky = changes.filter(isRisky)
  const written = risky.flatMap(writtenPaths).map((path) => ({ path: normalize(path), whole: true }))
  const touched = risky.every(onlyWrites) ? [] : touchedPaths(run).flatMap((each) => within(each, home))
  const undone = risky.some(({ undo = [] }) => undo.length > 0)
  // Others may be changed in them before this is taken back: what undoes itself leaves those alone.
  const kept = [...touched.filter(({ path }) => !undone || !isAccounts(path)), ...written]
  const entries = kept.filter(({ whole }) => !whole)
  return [...entries, ...kept.filter(({ whole }) => whole)].filter((each, index, all) => all.findIndex((other) => other.path === each.path && other.whole === each.whole) === index)
}

function touchedPaths(run: OperationRun): PathTouch[] {
  const touches = touchesOf(run)
  return touches === 'everything' ? [] : touches.filter((each) => each.kind === 'path')
}

/** Of a folder that holds more than what logins hang on, that alone: a home or /etc is not copied whole. */
function within({ path, below }: PathTouch, home: string): Kept[] {
  const whole = normalize(path)
  const inside = below ? accessPlaces(home, { accounts: true }).flatMap((place) => (place.kind === 'path' && place.path.startsWith(whole === '/' ? '/' : `${whole}/`) ? [place.path] : [])) : []
  return inside.length > 0 ? inside.map((each) => ({ path: each, whole: true })) : [{ path: whole, whole: below }]
}
