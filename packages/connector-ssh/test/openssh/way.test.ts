import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { secret, sh } from '@chaos/core'
import type { Connection } from '@chaos/core'
import { noSshd, pluginContext, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openTo, processes, refusal, run, scratch, settingsFor } from './open-to.ts'
import type { Scratch } from './open-to.ts'

const missing = noSshd()

describe.skipIf(missing !== undefined)(`ways of the openssh transport (${missing ?? 'a real sshd'})`, () => {
  let hop: Sshd
  let second: Sshd
  let sshd: Sshd
  let temporary: Scratch

  beforeAll(async () => {
    hop = await startSshd({ users: { ana: { password: 'of the hop' } } })
    second = await startSshd({ config: 'Match User root\n  PermitOpen 127.0.0.1:1' })
    sshd = await startSshd({ users: { bea: { password: 'of the end' } } })
  })
  afterAll(() => Promise.all([hop, second, sshd].map((each) => each.close())))
  beforeEach(() => {
    temporary = scratch()
  })
  afterEach(() => {
    temporary.remove()
  })

  const close = (...all: Connection[]): Promise<void[]> => Promise.all(all.map((each) => each.close({ outcome: 'done' })))

  it('goes over hops, each with a login of its own', async () => {
    const jumps = [settingsFor(hop, { user: 'ana', keys: [], password: secret('of the hop') })]
    const connection = await openTo(sshd, { jumps, user: 'bea', keys: [], password: secret('of the end') })
    expect((await run(connection, sh`id -un; echo $SSH_CONNECTION`)).stdout).toMatch(new RegExp(`^bea\n127.0.0.1 \\d+ 127.0.0.1 ${sshd.port}\n$`))
    expect(await hop.connections()).toBe(1)
    await close(connection)
  })

  it('goes over two hops', async () => {
    const connection = await openTo(sshd, { jumps: [settingsFor(hop), settingsFor(hop, { user: 'ana' })] })
    expect((await run(connection, sh`echo there`)).stdout).toBe('there\n')
    await close(connection)
  })

  it('shares the connection to a hop among all hosts behind it', async () => {
    const context = pluginContext()
    const jumps = [settingsFor(hop)]
    const before = hop.log().match(/Accepted publickey/g)?.length ?? 0
    const connections = await Promise.all([sshd, sshd, sshd].map((to) => openTo(to, { jumps }, { context })))
    expect((await Promise.all(connections.map((each) => run(each, sh`echo in`)))).map(({ stdout }) => stdout)).toEqual(['in\n', 'in\n', 'in\n'])
    expect((hop.log().match(/Accepted publickey/g)?.length ?? 0) - before).toBe(1)
    await close(...connections.slice(1))
    expect((await run(connections[0] as Connection, sh`echo still`)).stdout).toBe('still\n')
    await close(connections[0] as Connection)
  })

  it('asks a hop that refuses a login once, for all hosts behind it', async () => {
    const context = pluginContext()
    const jumps = [settingsFor(hop, { name: 'the-hop', user: 'ana', keys: [], password: secret('wr0ng') })]
    const before = hop.log().length
    for (let count = 0; count < 3; count++) {
      expect(await refusal(openTo(sshd, { jumps }, { context }))).toMatchObject({ code: 'AUTHENTICATION_FAILED', details: { user: 'ana' } })
    }
    await vi.waitFor(() => expect(hop.log().slice(before)).toContain('Failed password'), 20_000)
    expect(hop.log().slice(before).match(/Failed password/g)).toHaveLength(1)
  })

  it('refuses a hop that is not known, whatever the configuration says, and sends nothing to what is behind it', async () => {
    const configFile = join(temporary.folder, 'config')
    const known = join(temporary.folder, 'known')
    writeFileSync(configFile, 'Host *\n  StrictHostKeyChecking no\n')
    writeFileSync(known, '')
    const before = hop.log().length
    const error = await refusal(openTo(sshd, { jumps: [settingsFor(hop, { name: 'the-hop', knownHosts: [known], configFile })], configFile }))
    expect(error).toMatchObject({ code: 'HOST_KEY_UNKNOWN', host: 'the-hop' })
    expect(hop.log().slice(before)).not.toMatch(/Accepted|Failed/)
    expect((await refusal(openTo(sshd, { knownHosts: [known], configFile }))).code).toBe('HOST_KEY_UNKNOWN')
    rmSync(configFile)
    rmSync(known)
  })

  it('says which machine of a way is out of reach', async () => {
    const nowhere = { host: '127.0.0.1', port: 1, key: sshd.key, knownHosts: sshd.knownHosts }
    const behind = await refusal(openTo(nowhere, { name: 'the-end', jumps: [settingsFor(hop, { name: 'the-hop' })] }))
    expect(behind).toMatchObject({ code: 'CONNECT_REFUSED' })
    expect(behind.message).toBe('Cannot reach the-end (127.0.0.1, port 1) through the-hop: the connection was refused.')
    const before = await refusal(openTo(sshd, { jumps: [settingsFor(nowhere, { name: 'the-hop' })] }))
    expect(before.message).toContain('Cannot reach the-hop')
    const forbidden = await refusal(openTo(sshd, { jumps: [settingsFor(second)] }))
    expect(forbidden.message).toMatch(/prohibited/)
  })

  it('goes by a ProxyCommand', async () => {
    const copy = `${process.execPath} -e 'const s=require("net").connect(${sshd.port},"127.0.0.1");process.stdin.pipe(s);s.pipe(process.stdout)'`
    const connection = await openTo(sshd, { proxyCommand: copy, hostname: 'of.no.matter', knownAs: `[${sshd.host}]:${sshd.port}` })
    expect((await run(connection, sh`echo in`)).stdout).toBe('in\n')
    await close(connection)
  })

  it('goes over the connection it is stacked on', async () => {
    const base = await openTo(hop)
    const dialled: unknown[] = []
    const seen: Connection = { ...base, dial: (to) => (dialled.push(to), base.dial(to)) }
    const connection = await openTo(sshd, {}, { base: seen, below: ['@ssh/hop'] })
    const odd = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251))
    const cat = await connection.spawn(sh`cat`)
    cat.stdin.end(odd)
    expect((await text(cat.stdout)).length).toBe(odd.toString().length)
    expect(dialled).toEqual([{ host: sshd.host, port: sshd.port }])
    await close(connection)
    const refused = await refusal(openTo({ ...sshd, port: 1 }, {}, { base, below: ['@ssh/hop'] }))
    expect(refused.code).toBe('CONNECT_REFUSED')
    const without = await refusal(openTo(sshd, {}, { base: { spawn: base.spawn, close: base.close }, below: ['@docker/web'] }))
    expect(without).toMatchObject({ code: 'CONNECT_NO_TUNNEL', details: { retry: false } })
    await close(base)
  })

  it('dials ports and sockets that the host reaches, and says what it does not', async () => {
    const connection = await openTo(sshd)
    const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const bytes = Buffer.alloc(3 << 20, 'abcdefg')
    const tunnels = await Promise.all(Array.from({ length: 12 }, () => connection.dial({ host: '127.0.0.1', port })))
    const back = await Promise.all(
      tunnels.map((tunnel) => {
        tunnel.end(bytes)
        return text(tunnel)
      }),
    )
    expect(back.every((each) => each === bytes.toString())).toBe(true)
    server.close()

    // Its /tmp is a layer of its own: the socket is made there.
    const there = await connection.spawn(sh`exec ${process.execPath} -e ${'require("net").createServer((s)=>s.end("from there")).listen("/tmp/chaos-there",()=>console.log("up"))'}`)
    await once(there.stdout, 'data')
    expect(await text(await connection.dial({ path: '/tmp/chaos-there' }))).toBe('from there')

    await expect(connection.dial({ host: '127.0.0.1', port: 1 })).rejects.toMatchObject({ code: 'DIAL_FAILED', host: sshd.host })
    await expect(connection.dial({ path: '/nothing' })).rejects.toMatchObject({ code: 'DIAL_FAILED' })
    expect(processes(({ argv }) => argv.startsWith('ssh ') && argv.includes(temporary.folder))).toHaveLength(1)
    await close(connection)
  })
})
