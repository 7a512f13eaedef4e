import { ChaosError } from '@chaos/core'
import { compare } from './compare.ts'
import type { Emit } from '../events/index.ts'
import type { HostRun } from './host-state.ts'
import { operationsOf } from './host-state.ts'
import { changesOf, isAction, laterOf } from './operation-run.ts'
import type { OperationRun } from './operation-run.ts'
import { createProgress } from './progress.ts'
import { reportOf } from './report-error.ts'

/** Nobody looked; that says nothing of what is there. */
const NOT_LOOKED = new Set(['CONNECTION_LOST', 'FACT_NOT_ASKED', 'INTERRUPTED'])

/** Looks again at what changed, all of it at once. What still differs has failed. */
export async function verifyHost(host: HostRun, emit: Emit): Promise<void> {
  const progress = createProgress(host.name, emit)
  const changed = operationsOf(host).filter((run) => run.state === 'changed' && !isAction(run))
  for (const run of changed) host.book.forgetAsked(run.asked)
  const looked = changed.map((run): OperationRun => ({ ...run, asked: [], diff: undefined, error: undefined }))
  await Promise.all(looked.map((run) => compare(host.base, run)))
  changed.forEach((run, index) => {
    const { diff, error } = looked[index] as OperationRun
    const left = changesOf(diff)
    if (error === undefined && left.length === 0 && laterOf(diff) === undefined) return progress.verified(run)
    if (error !== undefined && (!host.reachable || NOT_LOOKED.has(reportOf(error).code))) {
      run.reason ??= `not looked at again: ${reportOf(error).message}`
      if (!host.reachable) host.state = 'unreachable'
      host.error ??= error
      return progress.verified(run)
    }
    const why = error instanceof Error ? error.message : (laterOf(diff) ?? left.map(({ summary }) => summary).join('; '))
    const failure = new ChaosError('VERIFY_FAILED', {
      message: `${run.op.definition.name} ${run.op.title} ran on ${host.name} without an error, and it is still not so: ${why}`,
      hint: 'Something else on the host, or another operation of this run, undoes it.',
      host: host.name,
    })
    progress.failed(run, failure)
    host.error ??= failure
  })
}
