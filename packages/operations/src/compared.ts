import { drawing } from '@chaos/core'
import type { Diff, Host, Op } from '@chaos/core'

/**
 * What an operation would change: for the context of a role, so that the role's difference is that of its operations, and never
 * another. Its facts are remembered; when the role yields the operation, the same is not asked again. Compared as root where its options say so.
 */
export async function compared(make: () => Op, host: Host): Promise<Diff> {
  // Outside the drawing: this one is made to be looked at, and never yielded.
  const op = drawing().exit(make)
  const diff = op.definition.diff as (args: unknown, host: Host) => Diff | Promise<Diff>
  return diff(op.args, op.options.root === true ? host.as({ root: true }) : host)
}

/** Whether there is anything to do, or that cannot be known yet. */
export function differs(diff: Diff): boolean {
  return 'later' in diff || diff.length > 0
}
