import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import path from 'node:path'
import { openLocal } from '../../../connector-local/src/open.ts'
import type { ConnectorContext } from '@chaos/core'
import { noSshd, pluginContext, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { identify } from '../../src/identify/index.ts'
import type { Settings } from '../../src/settings/contract.ts'
import { makeFolder, makeKey } from '../known-hosts/files.ts'

const folder = makeFolder()
afterAll(() => folder.close())
const missing = noSshd()
let files = 0

function context(): ConnectorContext {
  return { ...pluginContext(), base: openLocal() }
}

function settings(host: string, port: number, given: Partial<Settings> = {}): Settings {
  return {
    name: 'db1', hostname: host, port, user: 'root', knownAs: `[${host}]:${port}`, knownHosts: [path.join(folder.path, `known_hosts${files++}`)], strict: 'yes', hashKnownHosts: false,
    keys: [], keyPassword: undefined, password: undefined, certificates: [], agent: undefined, identitiesOnly: true, forwardAgent: undefined, jumps: [], proxyCommand: undefined,
    connectTimeout: 10, keepAlive: { interval: 0, count: 3 }, algorithms: {}, transport: 'ssh2', fileTransfer: 'sftp', configFile: undefined, connectRetries: 0, retryDelay: { min: 0, max: 0 },
    ...given,
  }
}

const target = { host: 'db1', argument: '', data: {}, below: [] }
const fileOf = ({ knownHosts }: Settings): string => readFileSync(knownHosts[0] as string, 'utf8')

describe.skipIf(missing !== undefined)(`a real sshd${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let sshd: Sshd
  let edOnly: Sshd
  beforeAll(async () => {
    sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa', 'rsa'], config: 'LogLevel DEBUG2' })
    edOnly = await startSshd({ config: 'AllowTcpForwarding yes' })
  })
  afterAll(async () => {
    await Promise.all([sshd?.close(), edOnly?.close()])
  })

  test('shows its host keys of every type, in the order they are liked, and no user was named to it', async () => {
    const given = settings(sshd.host, sshd.port)
    const identity = await identify(given, target, context())
    expect(identity).toMatchObject({ name: given.knownAs, file: given.knownHosts[0] })
    expect(identity.keys.map(({ type, state }) => `${type} ${state}`)).toEqual(['ssh-ed25519 new', 'ecdsa-sha2-nistp256 new', 'ssh-rsa new'])
    // sshd writes it down a moment after it has seen it.
    await vi.waitFor(() => expect(sshd.log()).toMatch(/Connection closed|Connection reset/), 20_000)
    expect(sshd.log()).not.toMatch(/userauth-request|for user|ssh-userauth/)
    expect(() => fileOf(given)).toThrow('ENOENT')
  })

  test('is trusted by keeping all of its keys, and then they are trusted, also in the next run', async () => {
    const given = settings(sshd.host, sshd.port)
    const run = context()
    const identity = await identify(given, target, run)
    await identity.trust()
    expect(fileOf(given)).toBe((['ed25519', 'ecdsa', 'rsa'] as const).map((type) => `${given.knownAs} ${sshd.hostKey(type)}\n`).join(''))
    for (const each of [run, context()]) {
      const again = await identify(given, target, each)
      expect(again.keys.map(({ state }) => state)).toEqual(['trusted', 'trusted', 'trusted'])
      await again.trust()
    }
    expect(fileOf(given).split('\n')).toHaveLength(4)
  })

  test('that is known by one key shows the others as new, not as changed', async () => {
    const given = settings(sshd.host, sshd.port, { hashKnownHosts: true })
    folder.write(path.basename(given.knownHosts[0] as string), `${given.knownAs} ${sshd.hostKey('ecdsa')}\n`)
    const identity = await identify(given, target, context())
    expect(identity.keys.map(({ type, state }) => `${type} ${state}`)).toEqual(['ssh-ed25519 new', 'ecdsa-sha2-nistp256 trusted', 'ssh-rsa new'])
    await identity.trust()
    expect(fileOf(given).trimEnd().split('\n')).toHaveLength(3)
    expect((await identify(given, target, context())).keys.map(({ state }) => state)).toEqual(['trusted', 'trusted', 'trusted'])
  })

  test('that is known by another key is changed, and is not trusted', async () => {
    const other = makeKey(folder, 'other')
    for (const line of [other.text, makeKey(folder, 'other-rsa', 'rsa').text]) {
      const given = settings(edOnly.host, edOnly.port)
      folder.write(path.basename(given.knownHosts[0] as string), `${given.knownAs} ${line}\n`)
      const identity = await identify(given, target, context())
      expect(identity.keys.map(({ type, state }) => `${type} ${state}`)).toEqual(['ssh-ed25519 changed'])
      await expect(identity.trust()).rejects.toMatchObject({ code: 'HOST_KEY_CHANGED' })
      expect(fileOf(given)).toBe(`${given.knownAs} ${line}\n`)
    }
  })

  test('one of whose keys has changed or is revoked is not trusted, though another is known', async () => {
    const changed = `${makeKey(folder, 'changed').text}\n`
    for (const [line, code] of [[`[${sshd.host}]:${sshd.port} ${changed}`, 'HOST_KEY_CHANGED'], [`@revoked * ${sshd.hostKey('ed25519')}\n`, 'HOST_KEY_REVOKED']] as const) {
      const given = settings(sshd.host, sshd.port)
      const text = `${given.knownAs} ${sshd.hostKey('rsa')}\n${line}`
      folder.write(path.basename(given.knownHosts[0] as string), text)
      const identity = await identify(given, target, context())
      expect(identity.keys.map(({ state }) => state)).toEqual(['changed', 'new', 'trusted'])
      await expect(identity.trust()).rejects.toMatchObject({ code })
      expect(fileOf(given)).toBe(text)
    }
  })

  test('with one type of key shows that one, and none of a type that the configuration allows is an error', async () => {
    expect((await identify(settings(edOnly.host, edOnly.port), target, context())).keys.map(({ type }) => type)).toEqual(['ssh-ed25519'])
    const narrow = settings(sshd.host, sshd.port, { algorithms: { hostKeys: ['rsa-sha2-512'] } })
    expect((await identify(narrow, target, context())).keys.map(({ type }) => type)).toEqual(['ssh-rsa'])
    const other = settings(edOnly.host, edOnly.port, { algorithms: { hostKeys: ['rsa-sha2-512'] } })
    await expect(identify(other, target, context())).rejects.toMatchObject({ code: 'HOST_KEY_NONE', details: { retry: false } })
  })

  test('whose key somebody else shows, who cannot prove that it is his, is not taken for it', async () => {
    const relay = (change: (chunk: Buffer) => Buffer) =>
      serve((socket) => {
        const inner = connect(edOnly.port, edOnly.host)
        sockets.add(inner)
        inner.on('error', () => {})
        inner.on('data', (chunk) => socket.write(change(chunk)))
        socket.pipe(inner)
      })
    const honest = await relay((chunk) => chunk)
    expect((await identify(settings('127.0.0.1', honest), target, context())).keys).toHaveLength(1)
    const forging = await relay((chunk) => {
      // Behind the key, in the same answer, stands the signature, which begins with the type once more.
      const at = chunk.lastIndexOf('ssh-ed25519')
      if (at > chunk.indexOf('ssh-ed25519')) chunk[at + 30] = (chunk[at + 30] as number) ^ 1
      return chunk
    })
    const identifying = identify(settings('127.0.0.1', forging), target, context())
    await expect(identifying).rejects.toMatchObject({ code: 'SSH_PROTOCOL', message: expect.stringContaining('signature verification failed') })
  })

  test('behind a hop is asked through one connection to the hop, which is verified', async () => {
    const hop = settings(edOnly.host, edOnly.port, { name: 'bastion', knownHosts: [edOnly.knownHosts], keys: [{ path: edOnly.key, required: true }] })
    const before = edOnly.log().length
    // The other machine has a loopback of its own: the hop is asked for itself.
    const identity = await identify(settings('127.0.0.1', edOnly.port, { jumps: [hop] }), target, context())
    expect(identity.keys.map(({ type }) => type)).toEqual(['ssh-ed25519'])
    expect(edOnly.log().slice(before).match(/Accepted publickey/g)).toHaveLength(1)
    const stranger = { ...hop, knownHosts: [path.join(folder.path, 'empty')] }
    await expect(identify(settings('127.0.0.1', edOnly.port, { jumps: [stranger] }), target, context())).rejects.toMatchObject({ code: 'HOST_KEY_UNKNOWN' })
  })
})

const servers: Server[] = []
const sockets = new Set<Socket>()
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers) server.close()
})

async function serve(each: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    each(socket)
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe('something that is no honest sshd', () => {
  test('is told by what it says', async () => {
    const port = await serve((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await expect(identify(settings('127.0.0.1', port), target, context())).rejects.toMatchObject({ code: 'SSH_PROTOCOL', message: expect.stringContaining('HTTP/1.1 400') })
  })

  test('is given up when it says nothing', async () => {
    const port = await serve(() => {})
    await expect(identify(settings('127.0.0.1', port, { connectTimeout: 0.3 }), target, context())).rejects.toMatchObject({ code: 'CONNECT_TIMEOUT' })
  })

  test('is left when the run is interrupted', async () => {
    const interrupt = new AbortController()
    const port = await serve(() => interrupt.abort())
    await expect(identify(settings('127.0.0.1', port), target, { ...context(), signal: interrupt.signal })).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
  })

  test('cannot be reached: an error of the connection', async () => {
    const port = await serve(() => {})
    servers.pop()?.close()
    await expect(identify(settings('127.0.0.1', port), target, context())).rejects.toMatchObject({ code: 'CONNECT_REFUSED' })
  })
})
