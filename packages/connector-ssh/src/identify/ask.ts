import type { ChaosError } from '@chaos/core'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import type { Duplex } from 'node:stream'
import { connectionClosed, timedOut } from '../client/errors.ts'
import type { Place } from '../client/errors.ts'
import { noCommonAlgorithm, notSsh } from '../client/link/refused.ts'
import type { Offer } from '../client/link/algorithms.ts'

/** Never sent: ssh2 wants a name, and the connection ends before any is told. */
const NOBODY = 'nobody'
/** Bytes that are kept of what is said first, to tell what answers there. */
const HEARD = 512

/**
 * Asks for the host key of one type: exchanges keys, so that the machine proves that it is its own, and ends the connection before
 * anything of the user is sent. Undefined when the machine has none of this type. Takes the transport.
 */
export async function askHostKey(place: Place, transport: Duplex, { offer, algorithms, signal }: { offer: Offer; algorithms: readonly ServerHostKeyAlgorithm[]; signal: AbortSignal }): Promise<Buffer | undefined> {
  const { Client } = (await import('ssh2')).default
  const client = new Client()
  let shown: Buffer | undefined
  let heard = Buffer.alloc(0)
  const hear = (chunk: Buffer): void => {
    heard = Buffer.concat([heard, chunk.subarray(0, HEARD - heard.length)])
    if (heard.length >= HEARD) transport.off('data', hear)
  }
  const why = (error?: Error): ChaosError => (/^SSH-/m.test(heard.toString('latin1')) ? noCommonAlgorithm(place, offer, error) : notSsh(place, heard, error))
  let stop: (() => void) | undefined
  let late: NodeJS.Timeout | undefined
  try {
    if (signal.aborted) throw connectionClosed(place)
    return await new Promise<Buffer | undefined>((resolve, reject) => {
      stop = () => reject(connectionClosed(place))
      signal.addEventListener('abort', stop, { once: true })
      late = setTimeout(() => reject(timedOut(place, 'it did not show its host key')), place.settings.connectTimeout * 1000)
      client.once('handshake', () => {
        // Before the next line of ssh2, which asks to log in.
        transport.destroy()
        resolve(shown)
      })
      client.on('error', (error) => (/no matching host key/i.test(error.message) ? resolve(undefined) : reject(why(error))))
      client.once('close', () => reject(why()))
      transport.on('data', hear)
      client.connect({
        sock: transport,
        username: NOBODY,
        authHandler: () => false,
        readyTimeout: 0,
        algorithms: { ...offer.algorithms, serverHostKey: [...algorithms] },
        hostVerifier: (key: Buffer) => {
          shown = Buffer.from(key)
          return true
        },
      })
    })
  } finally {
    clearTimeout(late)
    if (stop) signal.removeEventListener('abort', stop)
    transport.destroy()
  }
}
