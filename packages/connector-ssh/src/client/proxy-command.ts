import { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { ChaosError, script } from '@chaos/core'
import type { ConnectorContext } from '@chaos/core'
import { placeName } from './errors.ts'
import type { Place } from './errors.ts'

const SAID = 400
/** Milliseconds for its own end to come after that of its streams, as it may have something to say first, and for theirs after its own. */
const LAST_WORDS = 2000

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
      // An error of it is told by its end, or by the listener below.
      stdin.write(chunk, () => done())
    },
    final(done) {
      stdin.end(() => done())
    },
    destroy(error, done) {
      ends.abort()
      done(error)
    },
  })
  // One that has ended has broken its pipes too, and which of these is told first is luck: its end says why.
  const broken = (error: Error) => void sleep(LAST_WORDS, undefined, { ref: false }).then(() => duplex.destroy(error))
  stdin.on('error', broken)
  stdout.on('error', broken)
  stdout.on('data', (chunk: Buffer) => {
    if (!duplex.push(chunk)) stdout.pause()
  })
  const streams = Promise.all([stdout, stderr].map((stream) => new Promise((resolve) => stream.once('end', resolve).once('close', resolve))))
  // When it ends, how it ended and what it said last is the reason; a helper that it left behind may hold its streams open.
  exit.then(
    async ({ code, signal }) => {
      await Promise.race([streams, sleep(LAST_WORDS, undefined, { ref: false })])
      duplex.destroy(failed(place, said.trim() || `it ended with ${signal ?? `code ${String(code)}`}`))
    },
    (error: unknown) => duplex.destroy(failed(place, String(error), error)),
  )
  // It may close its stdout and stay.
  stdout.once('end', () => void sleep(LAST_WORDS, undefined, { ref: false }).then(() => duplex.destroyed || duplex.push(null)))
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
