import { ChaosError, isSecret, secret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import type { UserItem } from './keys.ts'

/** The hash that an account's password shall have: its own, else that of `user_secrets`; undefined = not managed. */
export function passwordOf({ name, password }: UserItem, secrets: Readonly<Record<string, unknown>>): Secret | undefined {
  if (password) return password
  const all = secrets['user_secrets']
  if (all === undefined || all === null) return undefined
  if (!isMap(all)) throw wrong('user_secrets is a map of names')
  const entry = Object.hasOwn(all, name) ? all[name] : undefined
  if (entry === undefined || entry === null) return undefined
  const given = isMap(entry) && Object.hasOwn(entry, 'password') ? entry['password'] : undefined
  if (isSecret(given)) return given
  if (typeof given === 'string') return secret(given)
  throw wrong(`user_secrets.${name} is a map with a password`)
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isSecret(value)
}

function wrong(what: string): ChaosError {
  return new ChaosError('USER_SECRETS', {
    message: `The secrets do not hold passwords as the role users reads them: ${what}.`,
    hint: 'user_secrets: { ana: { password: "$6$…" } }, where the password is its hash.',
  })
}
