import { Duplex } from 'node:stream'
import type { Channel } from './channel.ts'
import type { Mux } from './mux.ts'
import type { Field } from './wire.ts'

/** A stream to something the host can reach. */
export async function openTunnel(mux: Mux, type: string, parameters: readonly Field[]): Promise<Duplex> {
  let stream: Duplex | undefined
  await mux.open(type, parameters, (channel) => {
    const duplex = duplexOf(channel)
    stream = duplex.stream
    return {
      data: (_, bytes) => duplex.feed(bytes),
      eof: () => void duplex.stream.push(null),
      request: () => {},
      closed(error) {
        if (error !== undefined) return void duplex.stream.destroy(error)
        duplex.stream.push(null)
        duplex.stream.end()
      },
    }
  })
  return stream as Duplex
}

function duplexOf(channel: Channel): { stream: Duplex; feed: (bytes: Buffer) => void } {
  let waiting = 0
  const stream = new Duplex({
    read() {
      channel.took(waiting)
      waiting = 0
    },
    write: (bytes: Buffer, _, done) => void channel.write(bytes).then(() => done(), done),
    final(done) {
      channel.eof()
      done()
    },
    destroy(error, done) {
      channel.close()
      done(error)
    },
  })
  const feed = (bytes: Buffer): void => {
    if (stream.push(bytes)) channel.took(bytes.length)
    else waiting += bytes.length
  }
  return { stream, feed }
}
