import { ChaosError } from '@chaos/core'
import type { PlannedHost } from '../events/events.ts'
import type { RunOptions } from './contract.ts'
import { reportOf } from './report-error.ts'

const MOST_REMOVALS = 10

/** More removals on one host than this are asked for by name; where nobody can be asked, nothing is changed there. */
export async function guardRemovals(planned: PlannedHost, { maxRemovals = MOST_REMOVALS, confirmMore, dry }: RunOptions): Promise<PlannedHost> {
  if (dry || planned.state !== 'planned') return planned
  const removals = planned.roles.flatMap(({ role, operations }) =>
    operations.flatMap(({ operation, title, changes }) => changes.filter(({ removes }) => removes).map(({ summary }) => ({ role, text: `${operation} ${title}: ${summary}` }))),
  )
  if (removals.length <= maxRemovals) return planned
  const question = { host: planned.host, role: removals[0]?.role ?? '', summaries: removals.map(({ text }) => text) }
  if (await confirmMore?.(question)) return planned
  const error = new ChaosError('TOO_MANY_REMOVALS', {
    message: `${planned.host} would lose ${removals.length} things, more than the ${maxRemovals} that may go without a question. Nothing was changed there.`,
    hint: `Look at the plan; if it is right: --max-removals ${removals.length}`,
    host: planned.host,
  })
  return { ...planned, state: 'failed', error: reportOf(error) }
}
