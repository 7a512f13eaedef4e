import { ChaosError } from '@chaos/core'
import { connectionLost, dialError, placeName } from '../errors.ts'
import type { Place } from '../errors.ts'
import type { Offer } from './algorithms.ts'

/** The connection ended, or something else than SSH was said, before the server's identification. */
export function notSsh(place: Place, heard: Buffer, cause: Error | undefined): ChaosError {
  const { settings, target } = place
  const text = heard.toString('latin1').replace(/[^\x20-\x7E]+/g, ' ').trim().slice(0, 120)
  if (/exceeded maxstartups/i.test(text)) {
    return new ChaosError('CONNECT_BUSY', {
      message: `${placeName(settings)} takes no further connection now: ${text}.`,
      hint: 'Others are logging in at the same time. Raise MaxStartups in its sshd_config, or connect to fewer hosts at once.',
      host: target.host,
      cause,
    })
  }
  // PerSourcePenalties, from OpenSSH 9.8 on: coming back soon makes it last longer.
  if (/not allowed at this time/i.test(text)) {
    return new ChaosError('CONNECT_CLOSED', {
      message: `${placeName(settings)} takes no connection from this address for a while: ${text}.`,
      hint: 'Logins from here failed before. Wait, or see PerSourcePenalties in its sshd_config.',
      host: target.host,
      details: { retry: false },
      cause,
    })
  }
  if (text === '') {
    if (cause !== undefined && 'level' in cause && cause.level === 'client-socket' && !/ECONNRESET|EPIPE/.test(String('code' in cause && cause.code))) return dialError(place, cause)
    return new ChaosError('CONNECT_CLOSED', {
      message: `${placeName(settings)} closed the connection without a word.`,
      hint: 'It may be busy, or refuse this address (MaxStartups, hosts.deny, a firewall).',
      host: target.host,
      cause,
    })
  }
  return new ChaosError('SSH_PROTOCOL', {
    message: `What answers at ${placeName(settings)} is not an SSH server; it says: ${text}`,
    hint: 'Check the name and the port (ssh_port).',
    host: target.host,
    details: { retry: false },
    cause,
  })
}

/** Keys could not be exchanged. */
export function noCommonAlgorithm(place: Place, { algorithms }: Offer, cause: Error | undefined): ChaosError {
  const { settings, target } = place
  const kind = /no matching (.+?)(?: algorithm| format)?$/.exec(cause?.message ?? '')?.[1]
  if (kind === undefined) {
    if (cause === undefined || ('level' in cause && cause.level === 'client-socket') || typeof (cause as { code?: unknown }).code === 'number') return brokeOff(place, cause)
    return new ChaosError('SSH_PROTOCOL', {
      message: `The handshake with ${placeName(settings)} failed: ${cause.message}.`,
      hint: 'See what its sshd logs; `ssh_transport: openssh` speaks with more servers.',
      host: target.host,
      details: { retry: false },
      cause,
    })
  }
  const list = /host key/i.test(kind) ? algorithms.serverHostKey : /cipher/i.test(kind) ? algorithms.cipher : /mac/i.test(kind) ? algorithms.hmac : algorithms.kex
  return new ChaosError('SSH_PROTOCOL', {
    message: `${placeName(settings)} and chaos have no ${kind} in common; chaos offers ${(list as readonly string[]).join(', ')}.`,
    hint: 'Let its sshd allow one of these, or write `ssh_transport: openssh` for the host.',
    host: target.host,
    details: { retry: false },
    cause,
  })
}

export function nothingToOffer({ settings, target }: Place, option: string): ChaosError {
  return new ChaosError('SSH_PROTOCOL', {
    message: `Of the ${option} that the SSH configuration allows for ${settings.name}, this transport has none.`,
    hint: `Allow another one in the SSH configuration, or write \`ssh_transport: openssh\` for the host.`,
    host: target.host,
    details: { retry: false },
  })
}

/** It was there, and went before the login was over. */
export function brokeOff(place: Place, cause: Error | undefined): ChaosError {
  const { settings, target } = place
  return new ChaosError('CONNECT_CLOSED', {
    message: `${placeName(settings)} ended the connection before the login was over${cause === undefined ? '' : `: ${cause.message}`}.`,
    hint: 'See what its sshd logs.',
    host: target.host,
    cause: cause ?? connectionLost(place, 'the other end closed it'),
  })
}
