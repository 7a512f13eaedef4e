import { ChaosError, isChaosError } from '@chaos/core'
import type { Target } from '@chaos/core'
import type { Settings } from '../settings/contract.ts'

/** What was being reached when something failed: the machine itself, or a hop on the way to it. */
export interface Place {
  readonly settings: Settings
  readonly target: Target
}

/** How messages call a machine: its name, and what is dialled when that is something else. */
export function placeName({ name, hostname, port }: Settings): string {
  const dialled = hostname === name ? '' : hostname
  if (port === 22) return dialled === '' ? name : `${name} (${dialled})`
  return dialled === '' ? `${name} (port ${port})` : `${name} (${dialled}, port ${port})`
}

const REFUSED = /ECONNREFUSED|connection refused/i
const TIMED_OUT = /ETIMEDOUT|timed out/i
const UNREACHABLE = /EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|no route to host|unreachable/i
const UNKNOWN_NAME = /ENOTFOUND|EAI_(NONAME|NODATA)|name or service not known|no address associated|name resolution|unknown host/i
const FULL = /EMFILE|ENFILE/

/** An error of dialling a machine, told so that one knows what to look at. */
export function dialError({ settings, target }: Place, error: unknown): ChaosError {
  const said = reasonOf(error)
  const place = placeName(settings)
  const through = settings.jumps.at(-1)
  const way = through === undefined ? '' : ` through ${through.name}`
  const of = (code: string, why: string, hint: string, retry?: false) =>
    new ChaosError(code, { message: `Cannot reach ${place}${way}: ${why}.`, hint, host: target.host, details: { said, ...(retry === false ? { retry } : {}) }, cause: error })
  if (isChaosError(error) && error.code.startsWith('CONNECT_')) return error
  if (UNKNOWN_NAME.test(said)) {
    const later = /EAI_AGAIN|temporary failure/i.test(said)
    const hint = 'Check the name, or give its address as ssh_hostname.'
    return later ? of('CONNECT_RESOLVE', 'its name could not be looked up just now', hint) : of('CONNECT_RESOLVE', 'nobody knows its name', hint, false)
  }
  if (/EAI_AGAIN/.test(said)) return of('CONNECT_RESOLVE', 'its name could not be looked up just now', 'See whether the name servers answer.')
  if (REFUSED.test(said)) return of('CONNECT_REFUSED', 'the connection was refused', `See whether its sshd runs and listens on port ${settings.port}.`)
  if (TIMED_OUT.test(said)) return timedOut({ settings, target }, 'it did not answer', error)
  if (UNREACHABLE.test(said)) return of('CONNECT_UNREACHABLE', 'there is no way to it', 'See whether it is up, and whether this network reaches it.')
  if (FULL.test(said)) return of('CONNECT_FAILED', 'this machine has no file descriptors left', 'Raise the limit (ulimit -n), or lower fleet.parallelism.')
  return of('CONNECT_FAILED', said, isChaosError(error) && error.hint !== undefined ? error.hint : 'See whether ssh reaches it from where chaos runs.')
}

export function timedOut({ settings, target }: Place, what: string, cause?: unknown, seconds = settings.connectTimeout): ChaosError {
  return new ChaosError('CONNECT_TIMEOUT', {
    message: `Cannot reach ${placeName(settings)}: ${what} within ${seconds} s.`,
    hint: 'See whether it is up and whether a firewall stands between; a slow one needs a larger ssh_connect_timeout.',
    host: target.host,
    cause,
  })
}

/** Something that had been open has gone. The engine may open another connection after it. */
export function connectionLost({ settings, target }: Place, why: string, cause?: unknown): ChaosError {
  return new ChaosError('CONNECTION_LOST', {
    message: `The connection to ${placeName(settings)} was lost: ${why}.`,
    hint: 'See whether the host can still be reached.',
    host: target.host,
    cause,
  })
}

export function connectionClosed({ settings, target }: Place): ChaosError {
  return new ChaosError('CONNECTION_CLOSED', { message: `The connection to ${placeName(settings)} has been closed.`, host: target.host })
}

/** The message of an error with those of its causes, on one line: a connector's own text may hide the system's. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' && !isChaosError(error) ? ` (${error.code})` : ''
  const inner = error instanceof AggregateError ? error.errors.map(reasonOf).join('; ') : error.cause === undefined ? '' : reasonOf(error.cause)
  const own = `${error.message}${error.message.includes(code.slice(2, -1)) ? '' : code}`.trim()
  if (inner === '' || own.includes(inner)) return own
  return own === '' ? inner : `${own.replace(/\.$/, '')}: ${inner}`
}
