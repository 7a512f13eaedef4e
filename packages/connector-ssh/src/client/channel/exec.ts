import { ChaosError } from '@chaos/core'
import type { ClientChannel, ExecOptions } from 'ssh2'
import { loginCommand } from '../../shell/command.ts'
import { placeName } from '../errors.ts'
import type { Place } from '../errors.ts'
import type { Link } from '../link/contract.ts'
import { ChannelRefused } from './budget.ts'
import { exitOf } from './exit.ts'
import type { Exit } from './exit.ts'

/** Bytes of one argument that a Linux kernel takes, its end included. */
const LONGEST = 131_072 - 1
/** OpenSSH takes packets that are larger than the protocol demands; others end the connection over one, Dropbear over any command of 9000 bytes. */
const LONGEST_ELSEWHERE = 8999

/** A pty that changes little: nothing is echoed, since what is typed may be a password. */
const TERMINAL: NonNullable<ExecOptions['pty']> = { rows: 24, cols: 80, width: 0, height: 0, term: 'dumb', modes: { ECHO: 0 } } as never

export interface Executed {
  readonly channel: ClientChannel
  readonly exit: Exit
}

/** Has a text run by /bin/sh on a new session channel of a connection. */
export async function execute(place: Place, link: Link, text: string, { terminal }: { terminal: boolean }): Promise<Executed> {
  const line = loginCommand(text)
  if (Buffer.byteLength(line) > (link.software.startsWith('OpenSSH') ? LONGEST : LONGEST_ELSEWHERE)) {
    throw new ChaosError('SPAWN_FAILED', {
      message: `A command is too long for ${placeName(place.settings)} to start.`,
      hint: 'Send what is long on stdin.',
      host: place.target.host,
      details: { code: 'E2BIG', bytes: Buffer.byteLength(line) },
    })
  }
  const forwarding = place.settings.forwardAgent !== undefined
  try {
    return await exec(place, link, line, { ...(terminal ? { pty: TERMINAL } : {}), ...(forwarding ? { agentForward: true } : {}) })
  } catch (error) {
    // The server does not let agents through; as with ssh, that is no reason not to run anything.
    if (!(error instanceof Error) || !/agent forwarding/.test(String(error.cause))) throw error
    return exec(place, link, line, terminal ? { pty: TERMINAL } : {})
  }
}

function exec(place: Place, link: Link, line: string, options: ExecOptions): Promise<Executed> {
  if (link.gone) return Promise.reject(link.gone)
  return new Promise((resolve, reject) => {
    const forget = link.onLost(reject)
    const failed = (error: Error & { reason?: unknown }): void => {
      forget()
      if (link.gone) reject(link.gone)
      else if ('reason' in error) reject(new ChannelRefused(place, error))
      else reject(refused(place, error))
    }
    try {
      link.client.exec(line, options, (error, channel) => {
        if (error) return failed(error)
        forget()
        // At once: a short command's whole answer, its end included, may have come in the same packet.
        resolve({ channel, exit: exitOf(channel, link, place) })
      })
    } catch (error) {
      failed(error as Error)
    }
  })
}

function refused({ settings, target }: Place, cause: Error): ChaosError {
  return new ChaosError('SPAWN_FAILED', {
    message: `${placeName(settings)} did not start a shell: ${cause.message}.`,
    hint: `See what its sshd logs; ${settings.user} may not be allowed to run commands there.`,
    host: target.host,
    cause,
  })
}
