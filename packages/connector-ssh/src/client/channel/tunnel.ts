import type { Duplex } from 'node:stream'
import { ChaosError } from '@chaos/core'
import type { ClientChannel } from 'ssh2'
import { placeName } from '../errors.ts'
import type { Place } from '../errors.ts'
import type { Link } from '../link/contract.ts'
import { duplexOf } from './streams.ts'

/** Something that the host can reach, over the connection to it. Any number of them fit on one. */
export async function openTunnel(place: Place, link: Link, to: { host: string; port: number } | { path: string }): Promise<Duplex> {
  if (link.gone) throw link.gone
  const name = 'path' in to ? to.path : `${to.host}:${to.port}`
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    const opened = (error: Error | undefined, stream: ClientChannel): void => {
      if (error) reject(link.gone ?? refused(place, name, error))
      else resolve(stream)
    }
    try {
      // The port we would come from; only the server's log shows it.
      if ('path' in to) link.client.openssh_forwardOutStreamLocal(to.path, opened)
      else link.client.forwardOut('127.0.0.1', 0, to.host, to.port, opened)
    } catch (error) {
      reject(link.gone ?? refused(place, name, error as Error))
    }
  })
  return duplexOf(channel, link)
}

function refused({ settings, target }: Place, name: string, cause: Error & { reason?: unknown }): ChaosError {
  const why = cause.message.replace(/^\(SSH\) Channel open failure: ?/, '').replace(/\p{Cc}+/gu, ' ').trim()
  const prohibited = cause.reason === 1
  return new ChaosError('DIAL_FAILED', {
    message: `${placeName(settings)} cannot reach ${name}: ${why === '' ? 'it does not say why' : why}.`,
    hint: prohibited ? 'Its sshd does not let tunnels through: see AllowTcpForwarding, AllowStreamLocalForwarding and PermitOpen.' : 'See whether something listens there.',
    host: target.host,
    details: { place: name },
    cause,
  })
}
