import { message } from './wire.ts'
import type { Field, Fields } from './wire.ts'

/** Bytes that may come before some were taken, and of one message. */
export const WINDOW = 2 << 20
export const PACKET = 32 << 10

export interface ChannelHandlers {
  readonly data: (stream: 'stdout' | 'stderr', bytes: Buffer) => void
  /** Nothing more will come. */
  readonly eof: () => void
  readonly request: (name: string, read: Fields) => void
  /** Both sides have closed; with an error when the connection was lost before. */
  readonly closed: (error?: Error) => void
}

/** One channel: flow control, requests and its end. */
export interface Channel {
  /** Resolves when all of it has left; there is one writer. */
  write(bytes: Buffer): Promise<void>
  /** Says that so many bytes were taken: as many may come again. */
  took(bytes: number): void
  /** Resolves with whether the host did it; rejects when the connection is lost. */
  request(name: string, ...values: Field[]): Promise<boolean>
  /** A request that is not answered. */
  tell(name: string, ...values: Field[]): void
  eof(): void
  close(): void
  hear(type: number, read: Fields): void
  lost(): void
}

export interface ChannelOptions {
  readonly peer: number
  readonly window: number
  readonly packet: number
  readonly say: (type: number, ...values: Field[]) => void
  /** Made with the channel, because its first bytes may come together with the news that it is open. */
  readonly handle: (channel: Channel) => ChannelHandlers
  readonly ended: () => void
}

export function createChannel({ peer, window, packet, say, handle, ended }: ChannelOptions): Channel {
  const answers: { resolve: (done: boolean) => void; reject: (error: Error) => void }[] = []
  const sent = { eof: false, close: false }
  let room = window
  let taken = 0
  let over = false
  let writing: { rest: Buffer; resolve: () => void; reject: (error: Error) => void } | undefined

  const flush = (): void => {
    const now = writing
    if (now === undefined) return
    while (now.rest.length > 0 && room > 0) {
      const part = now.rest.subarray(0, Math.min(room, packet))
      room -= part.length
      now.rest = now.rest.subarray(part.length)
      say(message.data, peer, part)
    }
    if (now.rest.length > 0) return
    writing = undefined
    now.resolve()
  }

  const end = (error?: Error): void => {
    if (over) return
    over = true
    for (const answer of answers.splice(0)) {
      if (error === undefined) answer.resolve(false)
      else answer.reject(error)
    }
    writing?.reject(error ?? new Error('the other end was closed'))
    writing = undefined
    handlers.closed(error)
  }

  const close = (): void => {
    if (sent.close || over) return
    sent.close = true
    say(message.close, peer)
  }

  const channel: Channel = {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (over || sent.eof || sent.close) return reject(new Error('the other end was closed'))
        writing = { rest: bytes, resolve, reject }
        flush()
      }),
    took(bytes) {
      taken += bytes
      // Told in large steps: a message for each chunk would cost as much as the chunk.
      if (over || sent.close || taken < WINDOW / 4) return
      say(message.window, peer, taken)
      taken = 0
    },
    request: (name, ...values) =>
      new Promise((resolve, reject) => {
        if (over || sent.close) return resolve(false)
        answers.push({ resolve, reject })
        say(message.request, peer, name, true, ...values)
      }),
    tell(name, ...values) {
      if (!over && !sent.close) say(message.request, peer, name, false, ...values)
    },
    eof() {
      if (over || sent.eof || sent.close) return
      sent.eof = true
      say(message.eof, peer)
    },
    close,
    hear(type, read) {
      if (type === message.window) {
        room += read.number()
        return flush()
      }
      if (type === message.data) return handlers.data('stdout', read.bytes())
      if (type === message.extended) {
        const isErrors = read.number() === 1
        const bytes = read.bytes()
        return isErrors ? handlers.data('stderr', bytes) : channel.took(bytes.length)
      }
      if (type === message.eof) return handlers.eof()
      if (type === message.success || type === message.failure) return answers.shift()?.resolve(type === message.success)
      if (type === message.request) {
        const name = read.text()
        if (read.boolean()) say(message.failure, peer)
        return handlers.request(name, read)
      }
      if (type !== message.close) return
      close()
      ended()
      end()
    },
    lost: () => end(new Error('the connection was lost')),
  }
  const handlers = handle(channel)
  return channel
}
