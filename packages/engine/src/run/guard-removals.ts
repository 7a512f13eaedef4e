import { ChaosError } from '@chaos/core'
import type { PlannedHost } from '../events/events.ts'
import type { RunOptions } from './contract.ts'
import { reportOf } from './report-error.ts'

const MOST_REMOVALS = 10

interface Taken {
  readonly role: string
  readonly text: string
  readonly kind: string | undefined
  readonly of: number | undefined
}

/** More removals on one host than may go without a question are asked for by name; where nobody can be asked, nothing is changed there. */
export async function guardRemovals(planned: PlannedHost, { maxRemovals, confirmMore, dry }: RunOptions): Promise<PlannedHost> {
  if (dry || planned.state !== 'planned') return planned
  const removals = takenFrom(planned)
  const tooMany = maxRemovals === undefined ? overDefault(removals) : removals.length > maxRemovals ? `more than ${maxRemovals}` : undefined
  if (tooMany === undefined) return planned
  const question = { host: planned.host, role: removals[0]?.role ?? '', summaries: removals.map(({ text }) => text) }
  if (await confirmMore?.(question)) return planned
  const error = new ChaosError('TOO_MANY_REMOVALS', {
    message: `${planned.host} would lose ${removals.length} ${removals.length === 1 ? 'thing' : 'things'}, ${tooMany}, which may not go without a question. Nothing was changed there.`,
    hint: `Look at the plan; if it is right: --max-removals ${removals.length}`,
    host: planned.host,
  })
  return { ...planned, state: 'failed', error: reportOf(error) }
}

function takenFrom({ roles }: PlannedHost): Taken[] {
  return roles.flatMap(({ role, operations }) =>
    operations.flatMap(({ operation, title, changes }) =>
      changes
        .filter(({ removes }) => removes)
        .flatMap(({ summary, removed = [] }): Taken[] => {
          const text = `${operation} ${title}: ${summary}`
          if (removed.length === 0) return [{ role, text, kind: undefined, of: undefined }]
          return removed.map(({ kind, name, of }) => ({ role, text: removed.length === 1 ? text : `${operation}: ${kind} ${name}`, kind, of }))
        }),
    ),
  )
}

/** Ten, or a quarter of what is there of a kind; a single one may always go. */
function overDefault(removals: readonly Taken[]): string | undefined {
  if (removals.length > MOST_REMOVALS) return `more than ${MOST_REMOVALS}`
  for (const [kind, of] of new Map(removals.flatMap((each) => (each.kind !== undefined && each.of !== undefined ? [[each.kind, each.of] as const] : [])))) {
    const count = removals.filter((each) => each.kind === kind).length
    if (count > Math.max(1, of / 4)) return `${count} of ${of} ${kind}s among them`
  }
  return undefined
}
