import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { createChannel, PACKET, WINDOW } from './channel.ts'
import type { Channel, ChannelHandlers } from './channel.ts'
import { fields, message, packets, readFields } from './wire.ts'
import type { Field } from './wire.ts'

/** OpenSSH's control protocol (PROTOCOL.mux): what is said before the socket carries channels. */
const HELLO = 0x00000001
const VERSION = 4
const PROXY = 0x1000000f
const PROXY_OK = 0x8000000f

/** Reason 1 of RFC 4254, 5.1: the server's settings forbid it. */
export const PROHIBITED = 1

/** The host opened no channel. */
export class ChannelRefused extends Error {
  readonly reason: number

  constructor(reason: number, text: string) {
    const why = text === '' ? `reason ${reason}` : text.replace(/\p{Cc}+/gu, ' ')
    super(reason === PROHIBITED && !why.includes('prohibited') ? `${why} (administratively prohibited)` : why)
    this.reason = reason
  }
}

/** The master speaks no proxy protocol: OpenSSH before 7.4. */
export class MuxUnsupported extends Error {}

/** All channels of one master, over one connection to its control socket. */
export interface Mux {
  /** Rejects with {@link ChannelRefused} when the host refuses it, with another error when the connection is lost. */
  open(type: string, parameters: readonly Field[], handle: (channel: Channel) => ChannelHandlers): Promise<Channel>
  /** Resolves when the master or the connection is gone. */
  readonly closed: Promise<void>
  close(): void
}

/**
 * Takes a master's control socket into proxy mode, in which it carries the channels of the SSH connection as they are. So no
 * further `ssh` runs for a command, the host's own exit codes and refusals arrive, and nothing can fall back to another connection.
 */
export async function openMux(path: string): Promise<Mux> {
  const socket = connect({ path })
  await once(socket, 'connect')
  socket.on('error', () => socket.destroy())
  return negotiate(socket)
}

async function negotiate(socket: Socket): Promise<Mux> {
  const channels = new Map<number, Channel>()
  const opening = new Map<number, { resolve: (channel: Channel) => void; reject: (error: Error) => void; handle: (channel: Channel) => ChannelHandlers }>()
  let next = 0

  const send = (packet: Buffer): void => void socket.write(fields(packet))
  const say = (type: number, ...values: Field[]): void => send(Buffer.concat([Buffer.of(0, type), fields(...values)]))

  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      for (const { reject } of opening.values()) reject(new Error('the connection was lost'))
      for (const channel of channels.values()) channel.lost()
      opening.clear()
      channels.clear()
      resolve()
    })
  })

  function hear(packet: Buffer): void {
    const type = packet.readUInt8(1)
    const body = packet.subarray(2)
    const read = readFields(body)
    if (type === message.globalRequest) {
      read.bytes()
      if (read.boolean()) say(message.requestFailure)
      return
    }
    const id = read.number()
    const waiting = opening.get(id)
    if (waiting !== undefined) {
      opening.delete(id)
      if (type === message.openFailed) {
        const reason = read.number()
        return waiting.reject(new ChannelRefused(reason, read.text()))
      }
      const channel = createChannel({
        peer: read.number(),
        window: read.number(),
        packet: read.number(),
        say,
        handle: waiting.handle,
        ended: () => channels.delete(id),
      })
      channels.set(id, channel)
      return waiting.resolve(channel)
    }
    channels.get(id)?.hear(type, read)
  }

  let ready: (() => void) | undefined
  let refuse: ((error: Error) => void) | undefined
  const agreed = new Promise<void>((resolve, reject) => {
    ready = resolve
    refuse = reject
  })
  let proxied = false
  const cut = packets((packet) => {
    if (proxied) return hear(packet)
    const type = packet.readUInt32BE()
    if (type === HELLO) return
    proxied = type === PROXY_OK
    if (proxied) ready?.()
    else refuse?.(new MuxUnsupported('the master has no proxy mode'))
  })
  socket.on('data', (chunk: Buffer) => {
    try {
      cut(chunk)
    } catch {
      // A server said what makes no sense; there is no telling what comes after it.
      socket.destroy()
    }
  })
  void closed.then(() => refuse?.(new Error('the master closed its control socket')))
  send(fields(HELLO, VERSION))
  send(fields(PROXY, 1))
  try {
    await agreed
  } catch (error) {
    socket.destroy()
    throw error
  }

  return {
    open: (type, parameters, handle) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('the connection was lost'))
        const id = next++
        opening.set(id, { resolve, reject, handle })
        say(message.open, type, id, WINDOW, PACKET, ...parameters)
      }),
    closed,
    close: () => void socket.destroy(),
  }
}
