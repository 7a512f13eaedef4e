import type { Duplex } from 'node:stream'
import { ChaosError } from '@chaos/core'
import { placeName } from '../client/errors.ts'
import type { Place } from '../client/errors.ts'
import type { Master } from './master.ts'
import { ChannelRefused, PROHIBITED } from './mux/mux.ts'
import { openTunnel } from './mux/tunnel.ts'
import { lost } from './sessions.ts'

/** Something that the host can reach, over the connection to it. Any number of them fit on one. */
export async function dialOver(place: Place, master: Master, to: { host: string; port: number } | { path: string }): Promise<Duplex> {
  const name = 'path' in to ? to.path : `${to.host}:${to.port}`
  const { mux } = master
  try {
    // The port we would come from; only the server's log shows it.
    return await ('path' in to ? openTunnel(mux, 'direct-streamlocal@openssh.com', [to.path, '', 0]) : openTunnel(mux, 'direct-tcpip', [to.host, to.port, '127.0.0.1', 0]))
  } catch (cause) {
    if (!(cause instanceof ChannelRefused)) throw await lost(place, master, cause)
    const prohibited = cause.reason === PROHIBITED
    throw new ChaosError('DIAL_FAILED', {
      message: `${placeName(place.settings)} cannot reach ${name}: ${cause.message}.`,
      hint: prohibited ? 'Its sshd does not let tunnels through: see AllowTcpForwarding, AllowStreamLocalForwarding and PermitOpen.' : 'See whether something listens there.',
      host: place.target.host,
      details: { place: name },
      cause,
    })
  }
}
