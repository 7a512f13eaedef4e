import { ChaosError, isChaosError, sh } from '@chaos/core'
import type { Connection, Elevation, Process } from '@chaos/core'
import type { SessionOptions } from './contract.ts'
import { elevationKey, wayOf } from './elevation.ts'
import type { Way } from './elevation.ts'
import { elevate } from './elevate.ts'
import { createPasswords } from './passwords.ts'
import type { Turn } from './passwords.ts'
import { shellOf } from './shell.ts'
import type { Shell } from './shell.ts'

/** Milliseconds that a process that was told to end by its closed stdin may take before it is ended: it takes away what it was given half of. */
const DROP = 10_000

/** Starts shells: `exec sh` for the login user, through sudo, su or doas for others. */
export function createStarter(connection: Connection, options: SessionOptions): (as: Elevation) => Promise<Shell> {
  const passwords = createPasswords(options)
  const elevated = async (way: Way, spawn: Spawn, turn: Turn): Promise<Process> => {
    try {
      const process = await elevate({ way, host: options.host, fresh: options.fresh === true, spawn, password: turn.ask })
      turn.end('right')
      return process
    } catch (error) {
      turn.end(isChaosError(error) && error.code === 'ELEVATION_PASSWORD' ? 'wrong' : undefined)
      throw error
    }
  }
  return async (as) => {
    const begun = performance.now()
    const ends = new AbortController()
    const spawn: Spawn = (command, terminal) =>
      connection.spawn(command, { signal: ends.signal, ...(terminal ? { terminal } : {}) }).catch((error: unknown) => {
        throw isChaosError(error) ? error : connectionLost(options.host, error)
      })
    const way = wayOf(as)
    const process = await (way === undefined ? spawn(sh`exec sh`, false) : elevated(way, spawn, passwords.turn(as, way))).catch((error: unknown) => {
      ends.abort()
      throw error
    })
    return shellOf({
      host: options.host,
      as,
      elevated: elevationKey(as) !== '',
      process,
      // First its stdin: a shell that reads its end tidies up what it was given half of.
      drop: () => {
        process.stdin.destroy()
        setTimeout(() => ends.abort(), DROP).unref()
      },
      ...(connection.endsUnseen === true ? { endUnseen: () => ends.abort() } : {}),
      onKind: (kind) => options.onShell?.({ as, kind, milliseconds: Math.round(performance.now() - begun) }),
    })
  }
}

/** Starts a process on the host; `terminal` gives it a pty. */
export type Spawn = (command: Parameters<Connection['spawn']>[0], terminal: boolean) => Promise<Process>

function connectionLost(host: string, cause: unknown): ChaosError {
  return new ChaosError('CONNECTION_LOST', {
    message: `No shell could be started on ${host}: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: 'The connection is gone; see whether the host can still be reached.',
    host,
    cause,
  })
}
