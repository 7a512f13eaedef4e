import type { OperationRun } from '../operation-run.ts'

/** How an operation is named where it is told of: `files.put /etc/ssh/sshd_config`. */
export function titleOf({ op }: OperationRun): string {
  return `${op.definition.name} ${op.title}`.trim()
}
