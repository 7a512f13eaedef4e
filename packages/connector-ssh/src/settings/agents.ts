import { resolve } from 'node:path'
import type { HostData } from './keys.ts'
import { localUser, tilde } from './paths.ts'

/** The socket that IdentityAgent or ForwardAgent names: a path, `$VARIABLE`, `SSH_AUTH_SOCK` or none. */
export function socketOf(value: string, whence: string): string | undefined {
  if (value === 'none') return undefined
  if (value === 'SSH_AUTH_SOCK') return process.env['SSH_AUTH_SOCK'] || undefined
  if (/^\$\w+$/.test(value)) return process.env[value.slice(1)] || undefined
  return resolve(tilde(value, localUser().home, whence))
}

/** The socket that is forwarded; `agent` is the usual one. Without one nothing is forwarded, as with ssh. */
export function forwardedOf({ ssh_forward_agent: own }: HostData, configured: string, agent: string | undefined, whence: string): string | undefined {
  if (own === false) return undefined
  if (['yes', 'true'].includes(configured)) return agent
  if (['no', 'false'].includes(configured)) return own ? agent : undefined
  return socketOf(configured, whence)
}
