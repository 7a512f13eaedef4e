import { text } from 'node:stream/consumers'
import type { Process } from '@chaos/core'

export interface NotBegun {
  readonly code: number | null
  /** What was printed instead, on both streams. */
  readonly reason: string
  /** Whether it is that a command is longer than the arguments of a program can be. */
  readonly long: boolean
}

/** What a process that ended without its line had to say, after what it had printed until then. */
export async function saidInstead(process: Process, printed: string): Promise<NotBegun> {
  process.stdin.on('error', () => {})
  process.stdin.end()
  const [stdout, { code }] = await Promise.all([text(process.stdout), process.exit])
  const reason = `${printed}${stdout}`.trim().slice(0, 500)
  return { code, reason, long: /argument list too long/i.test(reason) }
}
