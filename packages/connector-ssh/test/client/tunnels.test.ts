import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { sh } from '@chaos/core'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { failing, folder, open, run, settingsFor } from './support.ts'

const missing = noSshd()
const BYTES = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7 + (index >> 8)) % 256))
let sshd: Sshd

beforeAll(async () => {
  if (missing === undefined) sshd = await startSshd()
})

afterAll(() => sshd?.close())

async function listen(place: { port: number; host: string } | { path: string }, behave: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    behave(socket)
  }).listen(place)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

describe.skipIf(missing !== undefined)(`tunnels${missing === undefined ? '' : ` (${missing})`}`, () => {
  it('bring every byte both ways, to a port', async () => {
    const port = await listen({ port: 0, host: '127.0.0.1' }, (socket) => socket.pipe(socket))
    const tunnel = await (await open(settingsFor(sshd))).dial({ host: '127.0.0.1', port })
    tunnel.end(BYTES)
    expect((await buffer(tunnel)).equals(BYTES)).toBe(true)
  })

  it('reach a socket file', async () => {
    // The machine sees a /tmp of its own, but the same files of /dev/shm or a path it makes itself.
    // It has a file before it listens (flag 00010000).
    await sshd.run('rm -f /run/echo.sock; setsid nc -lU /run/echo.sock >/run/heard </dev/null 2>/dev/null & until grep -q " 00010000 .* /run/echo.sock$" /proc/net/unix; do sleep 0.01; done')
    const connection = await open(settingsFor(sshd))
    const tunnel = await connection.dial({ path: '/run/echo.sock' })
    tunnel.end('hello')
    await text(tunnel)
    expect((await run(connection, sh`while ! grep -q hello /run/heard; do sleep 0.01; done; cat /run/heard`)).stdout).toBe('hello')
  })

  it('do not count against the sessions: thirty of them and four shells are one connection', async () => {
    const port = await listen({ port: 0, host: '127.0.0.1' }, (socket) => socket.pipe(socket))
    const before = sshd.log().length
    const connection = await open(settingsFor(sshd))
    const shells = await Promise.all([1, 2, 3, 4].map(() => connection.spawn(sh`exec sh`)))
    const tunnels = await Promise.all(Array.from({ length: 30 }, () => connection.dial({ host: '127.0.0.1', port })))
    expect(await Promise.all(tunnels.map(async (tunnel, number) => {
      tunnel.end(`tunnel ${number}`)
      return text(tunnel)
    }))).toEqual(Array.from({ length: 30 }, (_, number) => `tunnel ${number}`))
    expect(sshd.log().slice(before).match(/Accepted publickey/g)).toHaveLength(1)
    for (const shell of shells) shell.stdin.end()
  })

  it('let the other side close first, and tell it when we do', async () => {
    let ended = false
    const port = await listen({ port: 0, host: '127.0.0.1' }, (socket) => {
      socket.resume()
      socket.on('end', () => {
        ended = true
        socket.end('bye')
      })
    })
    const tunnel = await (await open(settingsFor(sshd))).dial({ host: '127.0.0.1', port })
    tunnel.end()
    expect([await text(tunnel), ended]).toEqual(['bye', true])
  })

  it('that are destroyed end on the other side', async () => {
    let over: () => void = () => {}
    const ended = new Promise<void>((resolve) => {
      over = resolve
    })
    const port = await listen({ port: 0, host: '127.0.0.1' }, (socket) => socket.resume().on('end', over).on('close', over))
    const tunnel = await (await open(settingsFor(sshd))).dial({ host: '127.0.0.1', port })
    tunnel.destroy()
    await ended
    expect(tunnel.destroyed).toBe(true)
  })

  it('make the other side wait while nobody reads', async () => {
    let sent = 0
    const port = await listen({ port: 0, host: '127.0.0.1' }, (socket) => {
      const more = (): void => {
        while (sent < 200 << 20 && socket.write(BYTES)) sent += BYTES.length
        sent += BYTES.length
      }
      socket.on('drain', more)
      more()
    })
    const connection = await open(settingsFor(sshd))
    const tunnel = await connection.dial({ host: '127.0.0.1', port })
    let before = -1
    while (before !== sent) {
      before = sent
      await run(connection, sh`sleep 0.3`)
    }
    expect(sent).toBeLessThan(100 << 20)
    tunnel.destroy()
  })

  it('that lead nowhere say why', async () => {
    const connection = await open(settingsFor(sshd))
    expect(await failing(connection.dial({ host: '127.0.0.1', port: 1 }))).toMatchObject({ code: 'DIAL_FAILED', message: expect.stringMatching(/cannot reach 127\.0\.0\.1:1: Connection refused\.$/) })
    expect(await failing(connection.dial({ path: join(folder(), 'nothing') }))).toMatchObject({ code: 'DIAL_FAILED' })
  })

  it('are destroyed with why when the connection is lost', async () => {
    const other = await startSshd()
    onTestFinished(() => other.close())
    const port = await listen({ port: 0, host: '127.0.0.1' }, (socket) => socket.resume())
    const tunnel = await (await open(settingsFor(other))).dial({ host: '127.0.0.1', port })
    const error = once(tunnel, 'error')
    await other.stop({ connections: true })
    expect((await error)[0]).toMatchObject({ code: 'CONNECTION_LOST' })
  })
})
