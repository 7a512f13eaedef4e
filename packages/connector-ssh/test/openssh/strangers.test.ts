import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ChannelRefused, MuxUnsupported, openMux } from '../../src/openssh/mux/mux.ts'
import { ProcessRefused, startProcess } from '../../src/openssh/mux/process.ts'
import { fields, message, packets, readFields } from '../../src/openssh/mux/wire.ts'
import type { Field } from '../../src/openssh/mux/wire.ts'

// What a master passes on is a server's: it may say anything.
describe('a control socket', () => {
  let folder: string
  let path: string
  let end: (() => Promise<void>) | undefined

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chaos-mux-'))
    path = join(folder, 'm')
  })
  afterEach(async () => {
    await end?.()
    end = undefined
    rmSync(folder, { recursive: true })
  })

  /** A master with a server behind it; `hear` gets what is said to the server. */
  const master = async (hear: (type: number, body: Buffer, say: (type: number, ...values: Field[]) => void, raw: (packet: Buffer) => void) => void, proxy = 0x8000000f): Promise<void> => {
    const sockets: Socket[] = []
    const server = createServer((socket) => {
      sockets.push(socket)
      let count = 0
      const say = (type: number, ...values: Field[]): void => void socket.write(fields(Buffer.concat([Buffer.of(0, type), fields(...values)])))
      socket.write(fields(fields(1, 4)))
      socket.on('error', () => {})
      socket.on(
        'data',
        packets((packet) => {
          count++
          if (count === 2) socket.write(fields(fields(proxy, 1)))
          if (count > 2) hear(packet.readUInt8(1), packet.subarray(2), say, (bytes) => void socket.write(fields(bytes)))
        }),
      )
    }).listen(path)
    await once(server, 'listening')
    end = async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    }
  }
  const command = { text: 'true', terminal: false, forwardAgent: false }

  it('of an ssh without a proxy mode is told apart', async () => {
    await master(() => {}, 0x80000003)
    await expect(openMux(path)).rejects.toBeInstanceOf(MuxUnsupported)
  })

  it('gives the reason why a channel is refused, without what a terminal would take for its own', async () => {
    await master((_, body, say) => {
      const read = readFields(body)
      read.text()
      say(message.openFailed, read.number(), 1, 'no\u001b[2Jway', '')
    })
    const mux = await openMux(path)
    const error = await startProcess(mux, command).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ChannelRefused)
    expect((error as Error).message).toBe('no [2Jway (administratively prohibited)')
    mux.close()
  })

  it('says that no command is run', async () => {
    await master((type, body, say) => {
      const read = readFields(body)
      if (type === message.open) {
        read.text()
        say(message.opened, read.number(), 7, 1000, 1000)
      }
      if (type === message.request) say(message.failure, 0)
    })
    const mux = await openMux(path)
    await expect(startProcess(mux, command)).rejects.toBeInstanceOf(ProcessRefused)
    mux.close()
  })

  it.each([
    ['a message that ends too early', Buffer.of(0, message.request, 0, 0, 0, 0, 0, 0, 0, 99)],
    ['a message without a type', Buffer.of(0)],
    ['data that are shorter than they say', Buffer.of(0, message.data, 0, 0, 0, 0, 255, 255, 255, 255)],
  ])('that brings %s is closed, and ends nothing else', async (_, said) => {
    await master((type, body, say, raw) => {
      const read = readFields(body)
      if (type !== message.open) return raw(said)
      read.text()
      return say(message.opened, read.number(), 7, 1000, 1000)
    })
    const mux = await openMux(path)
    await expect(startProcess(mux, command)).rejects.toThrow('the connection was lost')
    await mux.closed
    await expect(startProcess(mux, command)).rejects.toThrow('the connection was lost')
  })
})
