import type { Applying } from './applying.ts'
import { touchesOf } from './operation-run.ts'
import type { OperationRun } from './operation-run.ts'

/** Takes an operation's changes as made: what the role remembers of it, where its links lead, what is told at its end. */
export function keepChanged(run: OperationRun, changes: OperationRun['done'], { host, progress }: Applying): void {
  host.base.states.keep(run.role, run.op.options)
  const touches = touchesOf(run)
  const links = touches === 'everything' ? [] : touches
  for (const one of links) if (one.kind === 'path' && one.target !== undefined) host.book.links.set(one.path, one.target)
  run.done = changes
  progress.changed(run)
}
