import type { Result } from '@chaos/core'
import { listed } from './operation-run.ts'
import type { OperationRun } from './operation-run.ts'

/** `run`, `wait` for one that has not ended yet, or skip with the reason. */
export type Verdict = 'run' | 'wait' | { skip: string }

/** Whether `ifChanged` and `ifFailed` let an operation run. */
export function condition({ op }: OperationRun, all: readonly OperationRun[]): Verdict {
  const { ifChanged, ifFailed } = op.options
  const changed = one(ifChanged, 'changed', all)
  if (changed !== 'run') return changed
  return one(ifFailed, 'failed', all)
}

function one(wanted: Result | readonly Result[] | undefined, state: 'changed' | 'failed', all: readonly OperationRun[]): Verdict {
  if (wanted === undefined) return 'run'
  const named = listed(wanted).map((result) => all.find(({ op }) => op.result === result))
  if (named.some((run) => run?.state === state)) return 'run'
  if (named.some((run) => run !== undefined && run.state === undefined)) return 'wait'
  const titles = named.map((run) => (run ? `${run.op.definition.name} ${run.op.title}`.trim() : 'what it names')).join(', ')
  return { skip: state === 'changed' ? `${titles} did not change` : `${titles} did not fail` }
}
