import { Duplex, Readable, Writable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import type { Link } from '../link/contract.ts'
import type { Strip } from './pid.ts'

// ssh2's channels are streams of their own kind: destroying one closes it on the host, and a write to a closed one is never
// answered. These wrap them, so that whoever gets one has what Node promises.

/** What a channel sends us, with backpressure. `strip` may take a part out of it. */
export function readableOf(source: Readable, strip?: Strip): Readable {
  const readable = new Readable({
    read() {
      source.resume()
    },
    destroy(error, done) {
      // Nobody reads it any more, but the channel comes to its end only when it has been read.
      source.resume()
      done(error)
    },
  })
  source.on('data', (chunk: Buffer) => {
    const bytes = strip ? strip(chunk) : chunk
    if (bytes.length > 0 && !readable.destroyed && !readable.push(bytes)) source.pause()
  })
  source.on('end', () => {
    if (readable.destroyed) return
    const rest = strip?.rest()
    if (rest !== undefined && rest.length > 0) readable.push(rest)
    readable.push(null)
  })
  readable.on('error', () => {})
  return readable
}

/** What we send to a channel. Its end, and its destruction, is the end of the stream there, not of the channel. */
export function writableOf(channel: ClientChannel): Writable {
  const writable = new Writable({
    write(chunk: Buffer, _encoding, done) {
      channel.write(chunk, () => done())
    },
    final(done) {
      channel.end()
      done()
    },
    destroy(error, done) {
      channel.end()
      done(error)
    },
  })
  // A process that ends before it has read everything is no reason to crash: its exit tells how it ended.
  writable.on('error', () => {})
  channel.on('close', () => writable.destroy())
  return writable
}

/** A tunnel as one stream. A lost connection destroys it with why. */
export function duplexOf(channel: ClientChannel, link: Link): Duplex {
  const duplex = new Duplex({
    read() {
      channel.resume()
    },
    write(chunk: Buffer, _encoding, done) {
      channel.write(chunk, () => done())
    },
    final(done) {
      channel.end()
      done()
    },
    destroy(error, done) {
      channel.resume()
      channel.close()
      done(error)
    },
  })
  duplex.on('error', () => {})
  channel.on('data', (chunk: Buffer) => {
    if (!duplex.destroyed && !duplex.push(chunk)) channel.pause()
  })
  channel.on('end', () => {
    if (!duplex.destroyed) duplex.push(null)
  })
  channel.on('close', () => {
    // What has come is read first; then it is over, also for what was being written.
    if (duplex.readableEnded || duplex.destroyed) duplex.destroy()
    else duplex.once('end', () => duplex.destroy())
  })
  channel.on('error', (error: Error) => duplex.destroy(error))
  channel.stderr.resume()
  const forget = link.onLost((why) => duplex.destroy(why))
  duplex.on('close', forget)
  return duplex
}
