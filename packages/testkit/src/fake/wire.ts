import { Transform } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

/** What stands between the test and a shell: it delays, counts, and breaks where it is told. */
export interface Wire {
  /** Milliseconds until what the host says arrives. */
  latency: number
  /** Bytes that may still arrive before the wire breaks. */
  allowance: number
  /** Times something arrived after something had been sent: an independent count of exchanges. */
  turns: number
  sent: boolean
  broken(): void
}

/** From the test to the host. */
export function outgoing(wire: Wire): Transform {
  return new Transform({
    transform(chunk, _encoding, done) {
      wire.sent = true
      done(null, chunk)
    },
  })
}

/** From the host to the test. */
export function incoming(wire: Wire): Transform {
  let open = true
  let last: Promise<void> = Promise.resolve()
  // As on a network: a chunk waits for its own latency, not for the chunks before it.
  const deliver = (chunk: Buffer): void => {
    if (!open) return
    const arrives = chunk.subarray(0, wire.allowance)
    wire.allowance -= arrives.length
    stream.push(arrives)
    if (arrives.length < chunk.length) wire.broken()
  }
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (wire.sent) wire.turns += 1
      wire.sent = false
      if (wire.latency === 0) deliver(chunk)
      else last = sleep(wire.latency).then(() => deliver(chunk))
      done()
    },
    flush(done) {
      void last.then(() => done())
    },
  })
  stream.once('close', () => (open = false))
  return stream
}
