import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { sh } from '@chaos/core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { folder } from '../client/support.ts'
import { grownBy } from './memory.ts'
import { applyOver, hostData, made } from './over-ssh.ts'
import type { Applied, HostKeys } from './over-ssh.ts'

const missing = noSshd()
const GIGABYTE = 2 ** 30
/** More than a run needs, far less than what is sent. */
const BOUND = 200 * 2 ** 20

/** Something that listens and is no sshd. */
async function listener(talk: (socket: Socket) => void): Promise<{ data: HostKeys; connections: () => number }> {
  let connections = 0
  const open = new Set<Socket>()
  const server: Server = createServer((socket) => {
    connections++
    open.add(socket)
    socket.on('error', () => {})
    talk(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const at = folder()
  return { data: hostData({ host: '127.0.0.1', port, key: `${at}/none`, knownHosts: `${at}/known_hosts`, client: [] }, { ssh_connect_timeout: 60 }), connections: () => connections }
}

/** Sends as much as is taken, at most a gigabyte, and counts. */
function flood(socket: Socket, chunk: Buffer): { sent: number } {
  const count = { sent: 0 }
  const more = (): void => {
    while (count.sent < GIGABYTE && !socket.destroyed) {
      count.sent += chunk.length
      if (!socket.write(chunk)) return
    }
  }
  socket.on('drain', more)
  more()
  return count
}

const unreachable = (applied: Applied): unknown => applied.hosts[0]

describe('a host that is not reached', { timeout: 240_000 }, () => {
  it('silence after accept ends in time', async () => {
    const { data, connections } = await listener(() => {})
    expect(unreachable(await applyOver({ ...data, ssh_connect_timeout: 1 }, [made({ name: 'a' })]))).toMatchObject({ state: 'unreachable', error: { code: 'CONNECT_TIMEOUT', hint: expect.stringContaining('ssh_connect_timeout') } })
    expect(connections()).toBe(1)
  })

  it('a gigabyte of banner before the handshake is not kept', async () => {
    const line = Buffer.from(`${'junk '.repeat(100)}\r\n`.repeat(100))
    let count = { sent: 0 }
    const { data } = await listener((socket) => {
      count = flood(socket, line)
    })
    const grown = await grownBy(async () => {
      const applied = await applyOver(data, [made({ name: 'a' })])
      expect(unreachable(applied)).toMatchObject({ state: 'unreachable', error: { code: 'SSH_PROTOCOL' } })
      expect(JSON.stringify(applied.events).length).toBeLessThan(20_000)
    })
    expect(count.sent).toBeGreaterThan(0)
    expect(grown).toBeLessThan(BOUND)
  })

  it('a gigabyte without a line end before the handshake is not kept either', async () => {
    const { data } = await listener((socket) => void flood(socket, Buffer.alloc(64 * 1024, 'x')))
    const grown = await grownBy(async () => {
      const applied = await applyOver(data, [made({ name: 'a' })])
      expect(unreachable(applied)).toMatchObject({ state: 'unreachable', error: { code: 'SSH_PROTOCOL' } })
    })
    expect(grown).toBeLessThan(BOUND)
  })

  it('garbage behind the identification is not taken for SSH', async () => {
    const { data } = await listener((socket) => {
      socket.write('SSH-2.0-garbage\r\n')
      flood(socket, Buffer.alloc(64 * 1024, 0xff))
    })
    const grown = await grownBy(async () => {
      const applied = await applyOver(data, [made({ name: 'a' })])
      expect(unreachable(applied)).toMatchObject({ state: 'unreachable', error: { code: 'SSH_PROTOCOL' } })
    })
    expect(grown).toBeLessThan(BOUND)
  })

  it('a closed port is told as refused', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    const at = folder()
    const data = hostData({ host: '127.0.0.1', port, key: `${at}/none`, knownHosts: `${at}/known_hosts`, client: [] }, { ssh_connect_retries: 1 })
    expect(unreachable(await applyOver(data, [made({ name: 'a' })]))).toMatchObject({ state: 'unreachable', error: { code: 'CONNECT_REFUSED', message: expect.stringContaining(String(port)) } })
  })

  it('a name that does not exist is told as such', async () => {
    const at = folder()
    const data = hostData({ host: 'nowhere.invalid', port: 22, key: `${at}/none`, knownHosts: `${at}/known_hosts`, client: [] }, { ssh_connect_retries: 0 })
    expect(unreachable(await applyOver(data, [made({ name: 'a' })]))).toMatchObject({ state: 'unreachable', error: { code: 'CONNECT_RESOLVE', message: expect.stringContaining('nowhere.invalid') } })
  })
})

describe.skipIf(missing !== undefined)(`an sshd that is reached${missing === undefined ? '' : ` (${missing})`}`, { timeout: 240_000 }, () => {
  let sshd: Sshd
  beforeAll(async () => {
    if (missing !== undefined) return
    sshd = await startSshd({ config: 'MaxStartups 1:100:1', users: { jabber: { shell: '/bin/jabber' }, mute: { shell: '/bin/mute' } } })
    await sshd.run(`printf '#!/bin/sh\\nexec yes garbage\\n' >/bin/jabber; printf '#!/bin/sh\\nexec sleep 300\\n' >/bin/mute; chmod 755 /bin/jabber /bin/mute`)
  })
  afterAll(() => sshd?.close())

  it('refused credentials are offered once, whatever the retries', async () => {
    const at = folder()
    const { execFileSync } = await import('node:child_process')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${at}/other`])
    const before = sshd.log().length
    const applied = await applyOver(hostData(sshd, { ssh_key: `${at}/other`, ssh_connect_retries: 5 }), [made({ name: 'a' })])
    expect(applied.hosts[0]).toMatchObject({ state: 'unreachable', error: { code: 'AUTHENTICATION_FAILED' } })
    expect(sshd.log().slice(before).match(/Connection from/g)).toHaveLength(1)
  })

  it('an sshd whose places to log in are taken for a moment is asked again, and lets us in', async () => {
    let held: Socket
    do {
      held = connect({ host: sshd.host, port: sshd.port })
      held.on('error', () => {})
      // The place of who was here before is free a moment later.
    } while (!String((await once(held, 'data'))[0]).startsWith('SSH-'))
    const before = sshd.log().length
    const freed = (async () => {
      while (!/MaxStartups/.test(sshd.log().slice(before))) await sleep(10)
      held.destroy()
    })()
    const applied = await applyOver(hostData(sshd), [made({ name: 'startups' })])
    await freed
    expect(applied.hosts[0]).toMatchObject({ state: 'changed' })
  })

  it('a login that prints without end is given up, and nothing of what it said is kept', async () => {
    const grown = await grownBy(async () => {
      const applied = await applyOver(hostData(sshd, { ssh_user: 'jabber' }), [made({ name: 'a' })], { timeout: 1 })
      expect(applied.hosts[0]).toMatchObject({ state: 'unreachable', error: { code: 'HOST_TIMEOUT' } })
    })
    expect(grown).toBeLessThan(BOUND)
    expect(await sshd.run('ps ax | grep -c "[y]es garbage" || :')).toBe('0\n')
  })

  it('a login that never says a word is given up', async () => {
    const applied = await applyOver(hostData(sshd, { ssh_user: 'mute' }), [made({ name: 'a' })], { timeout: 1 })
    expect(applied.hosts[0]).toMatchObject({ state: 'unreachable', error: { code: 'HOST_TIMEOUT' } })
  })

  it('a command that prints a gigabyte: what is kept is bounded, and the run goes on', async () => {
    let kept = 0
    const grown = await grownBy(async () => {
      const applied = await applyOver(hostData(sshd), [made({ name: 'loud', how: sh`head -c ${GIGABYTE} /dev/zero; echo done > /tmp/loud` }), made({ name: 'behind' })])
      expect(applied.hosts[0]).toMatchObject({ state: 'changed', operations: { changed: 2 } })
      kept = JSON.stringify(applied.events).length
    })
    expect(kept).toBeLessThan(20_000)
    expect(grown).toBeLessThan(BOUND)
  })
})
