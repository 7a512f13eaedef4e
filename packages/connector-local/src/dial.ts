import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { ChaosError } from '@chaos/core'

/** A socket to something that this machine can reach. */
export function dialLocal(to: { host: string; port: number } | { path: string }): Promise<Duplex> {
  const place = 'path' in to ? to.path : `${to.host}:${to.port}`
  return new Promise((resolve, reject) => {
    const socket = 'path' in to ? connect({ path: to.path }) : connect({ host: to.host, port: to.port })
    const refuse = (cause: Error): void => {
      reject(new ChaosError('DIAL_FAILED', { message: `Cannot reach ${place} from this machine: ${cause.message}.`, details: { place }, cause }))
    }
    socket.once('error', refuse)
    socket.once('connect', () => {
      socket.off('error', refuse)
      if (!('path' in to)) socket.setNoDelay(true)
      resolve(socket)
    })
  })
}
