import { ChaosError } from '@chaos/core'
import type { Attempt } from './elevate.ts'
import type { Way } from './elevation.ts'

export interface Failure {
  readonly way: Way
  readonly host: string
  /** A prompt came a second time, no password was there to give, the program ended, or it said nothing for long. */
  readonly outcome: 'again' | 'none' | 'ended' | 'silent'
  /** A password was given. */
  readonly given: boolean
  /** What the program said. */
  readonly said: string
  readonly missing: boolean
  readonly terminal: boolean
}

/** Tells apart why sudo, su or doas gave no shell. */
export function elevationFailure({ way, host, outcome, given, said, missing, terminal }: Failure): Attempt {
  const fail = (code: string, message: string, hint: string, wantsTerminal = false): Attempt => ({
    error: new ChaosError(code, { message, hint, host, details: { stderr: said } }),
    wantsTerminal,
  })
  const { method, user } = way
  if (missing) {
    return fail('ELEVATION_MISSING', `${method} is not installed on ${host}.`, 'Install it there, or log in as the user who may do this.')
  }
  if (outcome === 'none') {
    return fail('ELEVATION_NEEDS_PASSWORD', `${method} on ${host} asks for a password, and none was given.`, 'Run it at a terminal, or allow it without a password there.')
  }
  if (outcome === 'again' || (given && /incorrect password|authentication failure|authentication failed|sorry, try again/i.test(said))) {
    return fail('ELEVATION_PASSWORD', `The password for ${method} on ${host} is wrong.`, method === 'su' ? `su asks for the password of ${user}.` : `${method} asks for the password of the login user.`)
  }
  const needsTerminal = !terminal && (method === 'doas' ? /auth\w* (required|failed)|a tty is required/i.test(said) : /must have a tty|must be run from a terminal|no tty present|a terminal is required/i.test(said))
  const reason = said.split('\n').filter((line) => line.trim() !== '' && !line.includes('unable to resolve host')).at(-1)?.trim()
  if (outcome === 'silent') {
    return fail('ELEVATION_REFUSED', `${method} on ${host} neither asked for a password nor gave a shell.`, 'Try it there by hand; it may ask for something else than a password.', needsTerminal)
  }
  return fail('ELEVATION_REFUSED', `${method} on ${host} gives no shell as ${user}${reason ? `: ${reason}` : ''}`, `See whether the login user may become ${user} with ${method} there.`, needsTerminal)
}
