import { ChaosError } from '@chaos/core'
import { placeName } from '../errors.ts'
import type { Place } from '../errors.ts'
import type { Log } from './authenticate.ts'
import { describeKey } from './identities.ts'

/** Nobody was let in: what was tried, what the server takes, and what to do. Never tried again, since accounts are locked by that. */
export function authenticationFailed({ settings, target }: Place, log: Log, said: string | undefined): ChaosError {
  const { user } = settings
  const lines = [
    `${placeName(settings)} does not let ${user} in.`,
    ...(log.tried.length > 0 ? [`refused   ${log.tried.map(describeKey).join(', ')}`] : []),
    ...(log.password === 'refused' ? ['refused   the password'] : []),
    ...log.passedOver.map(({ label, why }) => `not tried ${label}: ${why}`),
    ...(log.unanswered === undefined ? [] : [`asked     ${log.unanswered}, and nobody could answer`]),
    ...(log.methods.length > 0 ? [`it takes  ${log.methods.join(', ')}`] : []),
    ...(said === undefined ? [] : [`it says   ${said.replace(/\p{Cc}+/gu, ' ').slice(0, 300)}`]),
  ]
  return new ChaosError('AUTHENTICATION_FAILED', {
    message: lines.join('\n'),
    hint: hintFor(log, said),
    host: target.host,
    details: { retry: false, user, methods: log.methods, keys: log.tried.map(describeKey), notTried: log.passedOver },
  })
}

function hintFor(log: Log, said: string | undefined): string {
  if (said !== undefined && /too many/i.test(said)) return 'The server counts every key it refuses. Name the right one: ssh_key, or IdentitiesOnly with IdentityFile in the SSH configuration.'
  if (log.forOpenssh) return 'There are certificates or FIDO keys, which this transport cannot use: write `ssh_transport: openssh` for the host.'
  const { methods } = log
  if (log.password === 'refused') return 'Check ssh_user and ssh_password.'
  if (log.unanswered !== undefined) return 'Give ssh_password or a key; questions are asked on a terminal only, and before the work starts.'
  if (log.tried.length === 0 && methods.includes('publickey')) return 'No key was there to show: set ssh_key, or add one to the agent (ssh-add).'
  if (methods.includes('password') && log.password === 'none') return 'Set ssh_password, or let the server take one of the keys (authorized_keys).'
  return 'Check ssh_user, and that one of the keys is in its authorized_keys.'
}
