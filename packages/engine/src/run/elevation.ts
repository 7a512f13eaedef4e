import { ChaosError } from '@chaos/core'
import type { Elevation, OperationOptions, Os } from '@chaos/core'
import { normalizeElevation } from '../session/index.ts'

/** Who things run as when an operation says nothing itself: the host's data, else `--sudo`, else the login user. */
export function hostElevation(data: Readonly<Record<string, unknown>>, fallback: Elevation, host: string): Elevation {
  const { sudo, sudo_user: sudoUser, su, doas } = data
  if (sudo === undefined && sudoUser === undefined && su === undefined && doas === undefined) return fallback
  return {
    ...(sudo === undefined ? {} : { sudo: flag('sudo', sudo, host) }),
    ...(sudoUser === undefined ? {} : { sudoUser: name('sudo_user', sudoUser, host) }),
    ...(su === undefined ? {} : { su: flagOrName('su', su, host) }),
    ...(doas === undefined ? {} : { doas: flagOrName('doas', doas, host) }),
  }
}

/** Who an operation runs as; elevating to who we already are is nothing. */
export function operationElevation(options: OperationOptions, fallback: Elevation, os: Os): Elevation {
  const { root, sudo, sudoUser, su, doas } = options
  if (root === true) return rootElevation(fallback, os)
  const said = sudo !== undefined || sudoUser !== undefined || su !== undefined || doas !== undefined
  return normalizeElevation(said ? pick({ sudo, sudoUser, su, doas }) : fallback, os)
}

/** The way to root that the host's data or `--sudo` say, else the first that is there. */
function rootElevation(fallback: Elevation, os: Os): Elevation {
  if (os.uid === 0) return {}
  const said = normalizeElevation(fallback, os)
  if (said.sudo === true || said.su === true || said.doas === true) return said
  const way = (['sudo', 'doas', 'su'] as const).find((tool) => os.tools.includes(tool))
  return way === undefined ? { sudo: true } : { [way]: true }
}

function pick(options: { [Key in keyof Elevation]: Elevation[Key] | undefined }): Elevation {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function flag(key: string, value: unknown, host: string): boolean {
  if (typeof value === 'boolean') return value
  throw wrong(key, 'true or false', host)
}

function name(key: string, value: unknown, host: string): string {
  if (typeof value === 'string' && /^[a-zA-Z0-9_][a-zA-Z0-9_.-]*\$?$/.test(value)) return value
  throw wrong(key, 'a user name', host)
}

function flagOrName(key: string, value: unknown, host: string): boolean | string {
  return typeof value === 'boolean' ? value : name(key, value, host)
}

function wrong(key: string, takes: string, host: string): ChaosError {
  return new ChaosError('HOST_DATA', { message: `${key} of ${host} must be ${takes}.`, host })
}
