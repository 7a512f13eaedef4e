import { Duplex } from 'node:stream'
import { ChaosError, script } from '@chaos/core'
import type { ConnectorContext } from '@chaos/core'
import { placeName } from './errors.ts'
import type { Place } from './errors.ts'

const SAID = 400

/** A process whose streams are the connection. It ends with it, and it with the process. */
export async function openProxyCommand(place: Place, text: string, { base }: ConnectorContext): Promise<Duplex> {
  const ends = new AbortController()
  const { stdin, stdout, stderr, exit } = await base.spawn(script(text), { signal: ends.signal }).catch((cause: unknown) => {
    throw failed(place, cause instanceof Error ? cause.message : String(cause), cause)
  })
  let said = ''
  stderr.on('error', () => {})
  stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-SAID)
  })
  const duplex = new Duplex({
    read() {
      stdout.resume()
    },
    write(chunk: Buffer, _encoding, done) {
      stdin.write(chunk, (error) => done(error))
    },
    final(done) {
      stdin.end(() => done())
    },
    destroy(error, done) {
      ends.abort()
      done(error)
    },
  })
  stdin.on('error', (error: Error) => duplex.destroy(error))
  stdout.on('error', (error: Error) => duplex.destroy(error))
  stdout.on('data', (chunk: Buffer) => {
    if (!duplex.push(chunk)) stdout.pause()
  })
  stdout.on('end', () => duplex.push(null))
  exit.then(
    // What it said last is read before the connection is told to be over.
    ({ code, signal }) => setImmediate(() => duplex.destroy(failed(place, said.trim() || `it ended with ${signal ?? `code ${String(code)}`}`))),
    (error: unknown) => duplex.destroy(failed(place, String(error), error)),
  )
  return duplex
}

function failed({ settings, target }: Place, why: string, cause?: unknown): ChaosError {
  return new ChaosError('CONNECT_PROXY', {
    message: `The ProxyCommand for ${placeName(settings)} brought no connection: ${why.replace(/\p{Cc}+/gu, ' ')}`,
    hint: 'Run it by hand, or see ProxyCommand in the SSH configuration.',
    host: target.host,
    cause,
  })
}
