import type { EngineEvent } from '@chaos/engine'
import { escapedLines, escapeLine } from './escape.ts'
import type { Style } from './style.ts'
import { duration, hostName } from './words.ts'

export type GuardEvent = Extract<EngineEvent, { type: 'guard' }>

/** What the access guard did on a host. Why, and what to do, stands in the error that follows. */
export function guardLines(event: GuardEvent, { style, verbose }: { style: Style; verbose: number }): string[] {
  const { state, milliseconds, reason, seconds, taken = [] } = event
  const name = hostName(event.host)
  const changes = event.changes.map(escapeLine).join(', ')
  const time = milliseconds === undefined ? '' : ` ${style.dim(duration(milliseconds))}`
  switch (state) {
    case 'armed':
      return verbose > 0 ? [style.dim(`◷ ${name} · takes back in ${seconds} s unless access is confirmed: ${changes}`)] : []
    case 'confirmed':
      return [`${style.green('✔')} ${name} · access confirmed over a new connection${time}`]
    case 'undoing':
      return [`${style.yellow('⚠')} ${name} · no new connection gets in: ${escapedLines(reason ?? '')[0] ?? ''}`, `  ${style.yellow('↶')} taking back ${changes}`]
    case 'undone':
      return [...takenLines(taken, style), `  ${style.green('✔')} a new connection gets in again${time}`]
    case 'lost':
      return [...takenLines(taken, style), `  ${style.red('✖')} ${style.red('and no new connection gets in')}${time}`]
    case 'left':
      return [`${style.yellow('⚠')} ${name} · access was not confirmed (${escapeLine(reason ?? '')}); within ${seconds} s it takes back ${changes}`]
    default:
      return []
  }
}

function takenLines(taken: NonNullable<GuardEvent['taken']>, style: Style): string[] {
  return taken.map(({ what, kind, done }) => {
    const text = escapeLine(what)
    if (!done) return `  ${style.red('✖')} ${kind === 'path' ? 'not restored' : 'failed'}: ${text}`
    return `  ${style.yellow('↶')} ${kind === 'path' ? 'restored' : 'ran'} ${text}`
  })
}
