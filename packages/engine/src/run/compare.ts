import type { Diff } from '@chaos/core'
import type { Asked } from './fact-book.ts'
import { markAccess } from './guard/risk.ts'
import type { HostBase } from './host-view.ts'
import { viewOf } from './host-view.ts'
import { changesOf, laterOf, listed, removalsOf } from './operation-run.ts'
import type { OperationRun } from './operation-run.ts'
import { refuseProtected } from './protected.ts'

/** Compares what is with what should be, and notes what was asked for it. Never throws: a failure is noted too. */
export async function compare(base: HostBase, run: OperationRun): Promise<void> {
  const task = base.gate.begin()
  const asked: Asked[] = []
  try {
    const diff = run.op.definition.diff as (args: unknown, host: unknown) => Diff | Promise<Diff>
    const found = await diff(run.op.args, viewOf(base, task, run.role, run.as, asked))
    refuseProtected(changesOf(found).flatMap(removalsOf), base.protects, base.name)
    run.diff = found
    run.error = undefined
    if (!('later' in found)) run.diff = markAccess(run, found, base)
    if (changesOf(found).length === 0 && laterOf(found) === undefined && remembersLost(base, run)) {
      run.diff = [{ summary: 'forget it: it is no longer there', do: [] }]
    }
  } catch (error) {
    run.diff = undefined
    run.error = error
  } finally {
    run.asked = asked
    base.gate.end(task)
  }
}

/** The role remembers that it added what somebody else has taken away since: were it kept, it would be taken from whoever adds it next. */
function remembersLost({ states }: HostBase, { role, op }: OperationRun): boolean {
  const { items } = states.of(role)
  return listed(op.options.forget).some((id) => id in items)
}

/** Whether the last comparison still holds. */
export function isFresh(base: HostBase, run: OperationRun): boolean {
  return (run.diff !== undefined || run.error !== undefined) && run.asked.every((asked) => base.book.current(asked))
}
