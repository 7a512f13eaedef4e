import { readFile } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import { ChaosError } from '@chaos/core'
import type { Connection } from '@chaos/core'
import type { EnginePlace, TlsFiles } from './contract.ts'
import { dialStdio } from './dial-stdio.ts'

/** Opens streams to an engine through the connection underneath: this machine's, or one over ssh. */
export async function placeDialer(base: Pick<Connection, 'dial' | 'spawn'>, place: Exclude<EnginePlace, { kind: 'ssh' }>): Promise<() => Promise<Duplex>> {
  const { dial } = base
  if (place.kind === 'unix') return () => (dial ? dial({ path: place.path }) : dialStdio(base, place.path))
  if (dial === undefined) {
    throw new ChaosError('CONNECTION_NO_DIAL', {
      message: `What the container stands on has no tunnel to the engine at ${place.host}.`,
      hint: 'An engine at a port can be reached from this machine and over ssh.',
      details: { retry: false },
    })
  }
  const { host, port, tls } = place
  if (tls === undefined) return () => dial({ host, port })
  const [{ connect }, files] = await Promise.all([import('node:tls'), readTls(tls)])
  return async () => {
    const socket = await dial({ host, port })
    return new Promise((resolve, reject) => {
      const secured = connect({ socket, servername: /^[\d.]+$|:/.test(host) ? '' : host, host, rejectUnauthorized: tls.verify, ...files })
      secured.once('error', reject)
      secured.once('secureConnect', () => {
        secured.off('error', reject)
        resolve(secured)
      })
    })
  }
}

async function readTls({ ca, cert, key }: TlsFiles): Promise<{ ca?: Buffer; cert?: Buffer; key?: Buffer }> {
  const [caText, certText, keyText] = await Promise.all([ca, cert, key].map(readThere))
  return { ...(caText && { ca: caText }), ...(certText && { cert: certText }), ...(keyText && { key: keyText }) }
}

async function readThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new ChaosError('ENGINE_TLS', { message: `Cannot read ${file}, which the engine is to be shown: ${(cause as Error).message}.`, details: { retry: false }, cause })
  }
}
