import type { Change } from '@chaos/core'
import type { PartAnswer } from '../session/contract.ts'
import type { StepState } from '../events/events.ts'
import type { FramedOperation } from './frame.ts'
import type { Emit, EventBody, Redactor } from '../events/index.ts'
import { isAction } from './operation-run.ts'
import type { OperationRun } from './operation-run.ts'
import { reportOf } from './report-error.ts'
import { said } from './said.ts'
import { plannedChange } from './shown.ts'

/** Ends operations, and tells of it. An operation that changed something ends when it has been looked at again. */
export interface Progress {
  begin(run: OperationRun, changes: readonly Change[]): void
  /** It was in a frame that ended before it. */
  notBegun(run: OperationRun): void
  output(framed: FramedOperation, answers: readonly PartAnswer[], redact: Redactor['redact']): void
  same(run: OperationRun): void
  skip(run: OperationRun, reason: string): void
  changed(run: OperationRun): void
  /** After the change was looked at again. */
  verified(run: OperationRun): void
  failed(run: OperationRun, error: unknown, change?: number): void
  unknown(run: OperationRun, error: unknown): void
}

export function createProgress(host: string, emit: Emit): Progress {
  const began = new Map<OperationRun, { at: number; changes: readonly Change[] }>()

  function endChanges(run: OperationRun, state: StepState, failedAt = Infinity): void {
    const start = began.get(run)
    start?.changes.forEach(({ summary }, change) => {
      if (change > failedAt) return
      const mine = change === failedAt || state === 'unknown' || state === 'skipped' ? state : 'changed'
      emit({ type: 'change.end', host, id: run.id, change, summary, state: mine, milliseconds: Date.now() - start.at })
    })
  }

  function end(run: OperationRun, state: StepState): void {
    const { role, op, id } = run
    const start = began.get(run)
    run.state = state
    if (start) run.milliseconds = Date.now() - start.at
    began.delete(run)
    emit({
      type: 'operation.end', host, role, id, operation: op.definition.name, title: op.title, state,
      ...(run.reason === undefined ? {} : { reason: run.reason }),
      ...(run.failure === undefined ? {} : { error: run.failure }),
      changes: run.done.map(plannedChange),
      milliseconds: run.milliseconds,
    })
  }

  function fail(run: OperationRun, state: 'failed' | 'unknown', error: unknown): void {
    run.failure = reportOf(error)
    end(run, state)
  }

  return {
    begin(run, changes) {
      const { role, op, id } = run
      if (began.has(run)) return
      began.set(run, { at: Date.now(), changes })
      emit({ type: 'operation.begin', host, role, id, operation: op.definition.name, title: op.title })
      changes.forEach(({ summary }, change) => emit({ type: 'change.begin', host, id, change, summary }))
    },
    notBegun(run) {
      endChanges(run, 'skipped')
      began.delete(run)
    },
    output({ run, placed }, answers, redact) {
      if (!isAction(run)) return
      placed.forEach((_, index) => {
        const answer = answers[index]
        if (answer?.state !== 'done' && answer?.state !== 'ended') return
        for (const stream of ['stdout', 'stderr'] as const) {
          const text = said(answer, stream, redact)
          if (text !== '') emit({ type: 'output', host, id: run.id, stream, text })
        }
        if (answer.state === 'done' && answer.dropped > 0) emit(cutOff(host, run, answer.dropped))
      })
    },
    same: (run) => end(run, 'ok'),
    skip(run, reason) {
      run.reason = reason
      end(run, 'skipped')
    },
    changed(run) {
      endChanges(run, 'changed')
      if (isAction(run)) return end(run, 'changed')
      run.state = 'changed'
      run.milliseconds = Date.now() - (began.get(run)?.at ?? Date.now())
    },
    verified: (run) => end(run, 'changed'),
    failed(run, error, change) {
      endChanges(run, 'failed', change)
      fail(run, 'failed', error)
    },
    unknown(run, error) {
      endChanges(run, 'unknown')
      fail(run, 'unknown', error)
    },
  }
}

function cutOff(host: string, { op }: OperationRun, bytes: number): EventBody {
  const what = `${op.definition.name} ${op.title}`.trim()
  return { type: 'warning', host, code: 'OUTPUT_CUT', message: `${what} printed more than is kept: ${bytes} bytes of it are not shown.`, hint: 'Let it print to a file there, and fetch that.' }
}
