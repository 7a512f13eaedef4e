import { Readable } from 'node:stream'
import type { Duplex } from 'node:stream'

/** Bytes that are kept for who does not read yet. Larger than Node's default, so that an unread warning does not stop the other stream. */
const HOLD = 256 * 1024
const HEADER = 8
const STDERR = 2

export interface Output {
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when nothing more will come. */
  readonly ended: Promise<void>
}

/**
 * Takes stdout and stderr out of an engine's stream: frames of a type, three empty bytes, a length and that many bytes. On a
 * terminal there are no frames, and all is stdout. Who reads too slowly slows the program down.
 */
export function demux(source: Duplex, terminal: boolean): Output {
  const full = new Set<Readable>()
  const output = (): Readable => {
    const flow = (): void => {
      full.delete(stream)
      if (full.size === 0) source.resume()
    }
    const stream: Readable = new Readable({
      highWaterMark: HOLD,
      read: flow,
      destroy(error, done) {
        flow()
        done(error)
      },
    })
    return stream
  }
  const [stdout, stderr] = [output(), output()]
  const give = (stream: Readable, bytes: Buffer): void => {
    if (stream.destroyed || stream.push(bytes)) return
    full.add(stream)
    source.pause()
  }

  let header = Buffer.alloc(0)
  let left = 0
  let into = stdout
  const take = (chunk: Buffer): void => {
    let rest = chunk
    while (rest.length > 0) {
      if (left === 0) {
        const part = rest.subarray(0, HEADER - header.length)
        header = Buffer.concat([header, part])
        rest = rest.subarray(part.length)
        if (header.length < HEADER) return
        into = header[0] === STDERR ? stderr : stdout
        left = header.readUInt32BE(4)
        header = Buffer.alloc(0)
      } else {
        const part = rest.subarray(0, left)
        left -= part.length
        rest = rest.subarray(part.length)
        give(into, part)
      }
    }
  }

  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      for (const stream of [stdout, stderr]) if (!stream.destroyed) stream.push(null)
      resolve()
    }
    source.once('end', end)
    source.once('close', end)
    // How the program ended is asked for; a stream that breaks is no answer to that.
    source.on('error', () => {})
  })
  source.on('data', terminal ? (chunk: Buffer) => give(stdout, chunk) : take)
  return { stdout, stderr, ended }
}
