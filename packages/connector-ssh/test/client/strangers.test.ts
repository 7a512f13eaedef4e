import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hostileServer } from './hostile.ts'
import { failing, open, runContext, settingsFor } from './support.ts'

/** Something that is no SSH server. */
async function stranger(behave: (socket: Socket) => void): Promise<{ port: number; connections: () => number }> {
  let connections = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => {})
    behave(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, connections: () => connections }
}

const at = (port: number, changes = {}) => settingsFor({ host: '127.0.0.1', port, key: '/nonexistent', knownHosts: '/dev/null' }, { connectTimeout: 60, retryDelay: { min: 0, max: 0 }, ...changes })

describe('where no SSH server is', () => {
  it('tells of a port that nobody listens on, after the tries that were asked for', async () => {
    const error = await failing(open(at(1, { connectRetries: 2 })))
    expect([error.code, error.hint]).toEqual(['CONNECT_REFUSED', 'See whether its sshd runs and listens on port 1.'])
  })

  it('tells of a name that nobody knows, at once', async () => {
    const error = await failing(open(at(22, { hostname: 'no-such-host.invalid', connectRetries: 3 })))
    expect(error.code).toBe('CONNECT_RESOLVE')
  })

  it('reaches an address of IPv6 as it is written', async () => {
    expect(await failing(open(at(1, { hostname: '::1' })))).toMatchObject({ code: expect.stringMatching(/^CONNECT_(REFUSED|UNREACHABLE)$/) })
  })

  it('says what answers instead', async () => {
    const { port, connections } = await stranger((socket) => socket.end('HTTP/1.1 400 Bad Request\r\nServer: web\r\n\r\n'))
    const error = await failing(open(at(port, { connectRetries: 3 })))
    expect([error.code, error.message, connections()]).toEqual(['SSH_PROTOCOL', `What answers at web (127.0.0.1, port ${port}) is not an SSH server; it says: HTTP/1.1 400 Bad Request Server: web`, 1])
  })

  it('gives up what accepts and is silent', async () => {
    const { port } = await stranger(() => {})
    expect(await failing(open(at(port, { connectTimeout: 1 })))).toMatchObject({ code: 'CONNECT_TIMEOUT', message: `Cannot reach web (127.0.0.1, port ${port}): what answers there says nothing within 1 s.` })
  })

  it('gives up what says who it is, and then nothing', async () => {
    const { port } = await stranger((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'))
    expect(await failing(open(at(port, { connectTimeout: 5 })))).toMatchObject({ code: 'CONNECT_TIMEOUT', message: expect.stringContaining('the handshake did not come to its end') })
  })

  it('asks again what closes at once, a few times', async () => {
    const { port, connections } = await stranger((socket) => socket.destroy())
    expect(await failing(open(at(port)))).toMatchObject({ code: 'CONNECT_CLOSED' })
    expect(connections()).toBe(3)
  })

  it('asks again what is busy, until it has room', async () => {
    const { port, connections } = await stranger((socket) => {
      if (connections() < 5) socket.end('Exceeded MaxStartups\r\n')
      else socket.end('SSH-1.5-old\r\n')
    })
    expect(await failing(open(at(port)))).toMatchObject({ code: expect.stringMatching(/SSH_PROTOCOL|CONNECT_CLOSED/) })
    expect(connections()).toBeGreaterThanOrEqual(5)
  })

  it.each([
    ['lines without end before it says who it is', (): Buffer => Buffer.from('hello there\r\n'.repeat(5000))],
    ['one line without end', (): Buffer => Buffer.alloc(64 * 1024, 'x')],
    ['noise after it said who it is', (n: number): Buffer => (n === 0 ? Buffer.from('SSH-2.0-x\r\n') : Buffer.alloc(64 * 1024, 0x7f))],
  ])('reads no gigabyte of %s', async (_, part) => {
    let sent = 0
    const { port } = await stranger((socket) => {
      let number = 0
      const more = (): void => {
        while (!socket.destroyed) {
          const bytes = part(number++)
          sent += bytes.length
          if (sent > 1 << 30 || !socket.write(bytes)) break
        }
      }
      socket.on('drain', more)
      more()
    })
    expect(await failing(open(at(port, { connectTimeout: 5 })))).toMatchObject({ code: 'SSH_PROTOCOL' })
    expect(sent).toBeLessThan(64 << 20)
  })

  it.each([
    ['kex', { kex: ['diffie-hellman-group14-sha1'] }, /key exchange/],
    ['hmac', { hmac: ['hmac-md5'], cipher: ['aes128-ctr'] }, /MAC/],
  ])('says which algorithm is not in common: %s', async (_, algorithms, said) => {
    const { port } = await hostileServer({ algorithms } as never)
    expect(await failing(open(at(port)))).toMatchObject({ code: 'SSH_PROTOCOL', message: expect.stringMatching(said), hint: expect.stringContaining('ssh_transport: openssh') })
  })

  it('stops connecting when the run does', async () => {
    const { port, connections } = await stranger(() => {})
    const abort = new AbortController()
    const opening = failing(open(at(port, { connectTimeout: 600, connectRetries: 5 }), runContext({ signal: abort.signal })))
    while (connections() === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    abort.abort()
    expect((await opening).code).toBe('CONNECTION_CLOSED')
    expect(connections()).toBe(1)
  })
})
