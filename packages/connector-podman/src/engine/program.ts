import { text } from 'node:stream/consumers'
import { ChaosError } from '@chaos/core'
import type { Command, Connection } from '@chaos/core'
import { capital, engineRefused } from '@chaos/containers'

/** What a shell gives for a program that is not there. */
const NOT_FOUND = 127
/** As much of what podman says as is told. */
const SAID = 500

export interface Answer {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Asking {
  /** Also an answer, besides 0. */
  readonly accept?: number
  readonly signal?: AbortSignal
}

/** Runs commands of podman to their end, on the machine underneath. A code that is not expected is an error with what podman said. */
export type Ask = (command: Command, asking?: Asking) => Promise<Answer>

export function asking(base: Pick<Connection, 'spawn'>, place: string): Ask {
  return async (command, { accept = 0, signal } = {}) => {
    const running = await base.spawn(command, signal && { signal })
    running.stdin.on('error', () => {})
    running.stdin.end()
    const [stdout, stderr, { code }] = await Promise.all([text(running.stdout), text(running.stderr), running.exit])
    signal?.throwIfAborted()
    if (code === 0 || code === accept) return { code, stdout, stderr }
    throw failure(place, code, stderr)
  }
}

function failure(place: string, code: number | null, stderr: string): ChaosError {
  if (code === NOT_FOUND && !/^Error:/m.test(stderr)) {
    return new ChaosError('ENGINE_UNREACHABLE', {
      message: `${capital(place)} cannot be used: ${last(stderr)}`,
      hint: 'Install podman there; a user who logs in must find it in the PATH of a shell that is not interactive.',
      details: { retry: false },
    })
  }
  const [, unreachable] = /^(?:Error: )?(?:Cannot connect to Podman|unable to connect to Podman)([^]*)/im.exec(stderr) ?? []
  if (unreachable !== undefined) {
    return new ChaosError('ENGINE_UNREACHABLE', { message: `The service of ${place} cannot be reached: ${last(stderr)}`, hint: 'See whether it runs where podman_url says: podman system service.' })
  }
  return engineRefused(place, reasonOf(stderr, code), { status: code })
}

/** What podman says of its failure, without its warnings. */
export function reasonOf(stderr: string, code: number | null): string {
  const [, error] = /(?:^|\n)Error: ([^]*)/.exec(stderr) ?? []
  return (error ?? stderr).trim().slice(0, SAID) || `it ended with code ${code} and said nothing`
}

function last(stderr: string): string {
  return (stderr.trim().split('\n').at(-1) ?? '').replace(/\.?$/, '.')
}
