import type { Diff } from '@chaos/core'
import type { Asked } from './fact-book.ts'
import type { HostBase } from './host-view.ts'
import { viewOf } from './host-view.ts'
import type { OperationRun } from './operation-run.ts'

/** Compares what is with what should be, and notes what was asked for it. Never throws: a failure is noted too. */
export async function compare(base: HostBase, run: OperationRun): Promise<void> {
  const task = base.gate.begin()
  const asked: Asked[] = []
  try {
    const diff = run.op.definition.diff as (args: unknown, host: unknown) => Diff | Promise<Diff>
    run.diff = await diff(run.op.args, viewOf(base, task, run.role, run.as, asked))
    run.error = undefined
  } catch (error) {
    run.diff = undefined
    run.error = error
  } finally {
    run.asked = asked
    base.gate.end(task)
  }
}

/** Whether the last comparison still holds. */
export function isFresh(base: HostBase, run: OperationRun): boolean {
  return (run.diff !== undefined || run.error !== undefined) && run.asked.every((asked) => base.book.current(asked))
}
