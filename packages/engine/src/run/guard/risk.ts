import { touch } from '@chaos/core'
import type { Change } from '@chaos/core'
import type { HostBase } from '../host-view.ts'
import { touchesOf } from '../operation-run.ts'
import type { OperationRun } from '../operation-run.ts'
import { meets } from '../touches.ts'
import type { Reach } from '../touches.ts'
import { accessPlaces } from './places.ts'

/** Whether a change is made under the access guard. */
export function isRisky({ risk }: Change): boolean {
  return risk === 'access'
}

/** Marks the changes that may cut us off because of the paths they reach; others say it themselves. */
export function markAccess(run: OperationRun, changes: readonly Change[], base: Pick<HostBase, 'os' | 'book'>): readonly Change[] {
  const touched = touchesOf(run)
  // What manages users and groups knows which of them is the one who is connected, and says so.
  const accounts = touched === 'everything' || !touched.some((each) => each.kind === 'named' && (each.space === 'user' || each.space === 'group'))
  const places = accessPlaces(base.os.home, { accounts })
  const reaches = (reach: Reach): boolean => reach !== 'everything' && meets(reach, places, base.book.links)
  return changes.map((change) => {
    if (isRisky(change) || change.parents !== undefined) return change
    const risky = onlyWrites(change) ? reaches(writtenPaths(change).map(touch.path)) : reaches(touched)
    return risky ? { ...change, risk: 'access' } : change
  })
}

/** What a change does is known to the file. */
export function onlyWrites({ do: steps }: Change): boolean {
  return steps.every((step) => 'write' in step || 'fetch' in step)
}

export function writtenPaths({ do: steps }: Change): string[] {
  return steps.flatMap((step) => ('write' in step ? [step.write.path] : []))
}
