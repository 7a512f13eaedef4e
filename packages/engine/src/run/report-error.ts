import { ChaosError, isChaosError } from '@chaos/core'
import type { ErrorReport } from '../events/events.ts'

/** An error as listeners see it. What is not ours is a defect: it is named so, with its first line. */
export function reportOf(error: unknown): ErrorReport {
  if (isChaosError(error)) {
    const { code, message, hint, position, details } = error
    return { code, message, ...(hint === undefined ? {} : { hint }), ...(position === undefined ? {} : { position }), ...(details === undefined ? {} : { details }) }
  }
  const text = error instanceof Error ? error.message : String(error)
  return {
    code: 'UNEXPECTED',
    message: `Something failed that should not: ${text.split('\n')[0] ?? ''}`,
    hint: 'This is a mistake in chaos or a plugin. CHAOS_DEBUG=1 shows where.',
    ...(error instanceof Error && error.stack !== undefined ? { details: { stack: error.stack } } : {}),
  }
}

interface StepFailure {
  host: string
  operation: string
  title: string
  summary: string
  command: string | undefined
  code: number
  stdout: string
  stderr: string
}

/** A step that ended with a code that is no success, whose outputs have no secrets any more: what is cut off here would be found no more. A full disk and a missing right have codes of their own. */
export function stepError({ host, operation, title, summary, command, code, stdout, stderr }: StepFailure): ChaosError {
  const said = stderr.trim() || stdout.trim()
  const what = `${operation} ${title}`.trim()
  const known = KNOWN.find(({ pattern }) => pattern.test(stderr))
  return new ChaosError(known?.code ?? 'CHANGE_FAILED', {
    message: known ? `${what} on ${host}: ${known.message}` : `${what} failed on ${host} (${summary}): ${lastLine(said) || `exit code ${code}`}`,
    ...(known ? { hint: known.hint } : {}),
    host,
    details: { ...(command === undefined ? {} : { command }), exitCode: code, stdout: tail(stdout), stderr: tail(stderr) },
  })
}

const KNOWN = [
  { pattern: /No space left on device|Disk quota exceeded/, code: 'DISK_FULL', message: 'the disk is full.', hint: 'The old file is still in place. Make room (df -h, du -xsh /*) and apply again.' },
  { pattern: /Read-only file system/, code: 'READ_ONLY', message: 'the file system is read-only.', hint: 'Remount it writable, or look for a disk error in dmesg.' },
  { pattern: /Permission denied|Operation not permitted|: cannot be written to/, code: 'PERMISSION_DENIED', message: 'not allowed.', hint: 'Run it as root: sudo: true on the item or the host, or --sudo.' },
]

const MOST_SHOWN = 4000

function tail(text: string): string {
  return text.length > MOST_SHOWN ? `… ${text.slice(-MOST_SHOWN)}` : text
}

function lastLine(text: string): string {
  return text.split('\n').at(-1)?.slice(0, 300) ?? ''
}
