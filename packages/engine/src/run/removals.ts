import { ChaosError } from '@chaos/core'
import type { ApplyContext } from './applying.ts'
import type { HostRun } from './host-state.ts'
import { changesOf, takesAway } from './operation-run.ts'
import type { OperationRun } from './operation-run.ts'

/** Removals that were not in the plan that was confirmed. */
export interface Removals {
  beyondPlan(run: OperationRun): boolean
  /** Asks; false where nobody can be asked. */
  allowed(run: OperationRun): Promise<boolean>
  refusal(run: OperationRun): ChaosError
}

export function createRemovals(host: HostRun, { planned, confirmMore }: Pick<ApplyContext, 'planned' | 'confirmMore'>): Removals {
  const known = new Set(
    planned.roles.flatMap(({ role, operations }) =>
      operations.flatMap(({ operation, title, changes }) => changes.filter(({ removes }) => removes).map(({ summary }) => nameOf(role, operation, title, summary))),
    ),
  )

  function unplanned({ role, op, diff }: OperationRun): string[] {
    return changesOf(diff)
      .filter((change) => takesAway(change) && !known.has(nameOf(role, op.definition.name, op.title, change.summary)))
      .map(({ summary }) => `${op.definition.name} ${op.title}: ${summary}`)
  }

  return {
    beyondPlan: (run) => unplanned(run).length > 0,
    async allowed(run) {
      const summaries = unplanned(run)
      if (!(await confirmMore?.({ host: host.name, role: run.role, summaries }))) return false
      for (const change of changesOf(run.diff)) known.add(nameOf(run.role, run.op.definition.name, run.op.title, change.summary))
      return true
    },
    refusal: (run) =>
      new ChaosError('REMOVAL_NOT_CONFIRMED', {
        message: `What came out at its turn removes more on ${host.name} than was confirmed: ${unplanned(run).join('; ')}.`,
        hint: 'Apply again: the plan now shows it.',
        host: host.name,
      }),
  }
}

function nameOf(...parts: readonly string[]): string {
  return parts.join('\n')
}
