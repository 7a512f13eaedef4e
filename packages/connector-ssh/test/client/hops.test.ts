import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { secret, sh } from '@chaos/core'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openTransport } from '../../src/client/transport.ts'
import type { Settings } from '../../src/settings/contract.ts'
import { failing, folder, open, run, runContext, settingsFor, targetOf } from './support.ts'

const missing = noSshd()
let bastion: Sshd
let inner: Sshd
let host: Sshd

beforeAll(async () => {
  if (missing !== undefined) return
  ;[bastion, inner, host] = await Promise.all([startSshd({ users: { jump: {} } }), startSshd(), startSshd()])
})

afterAll(async () => {
  await Promise.all([bastion, inner, host].map((sshd) => sshd?.close()))
})

afterEach(async () => {
  if (missing !== undefined) return
  // A hop that nobody uses any more is left.
  for (const sshd of [bastion, inner, host]) await until(async () => (await sshd.connections()) === 0)
})

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

const hop = (sshd: Sshd, changes: Partial<Settings> = {}) => settingsFor(sshd, { name: 'bastion', ...changes })
const through = (jumps: Settings[], changes: Partial<Settings> = {}) => settingsFor(host, { jumps, ...changes })
const accepted = (sshd: Sshd, from: number) => sshd.log().slice(from).match(/Accepted publickey/g)?.length ?? 0

describe.skipIf(missing !== undefined)(`hops${missing === undefined ? '' : ` (${missing})`}`, () => {
  it('are followed one after another, each as its own user', async () => {
    const before = bastion.log().length
    const connection = await open(through([hop(bastion, { user: 'jump' }), hop(inner, { name: 'inner' })]))
    expect((await run(connection, sh`echo through two`)).stdout).toBe('through two\n')
    expect(bastion.log().slice(before)).toContain('Accepted publickey for jump')
    expect(await Promise.all([bastion, inner, host].map((sshd) => sshd.connections()))).toEqual([1, 1, 1])
    await connection.close({ outcome: 'done' })
  })

  it('are shared: fifty connections through one bastion are one connection to it, and lose none', async () => {
    const [before, there] = [bastion.log().length, host.log().length]
    const context = runContext()
    const all = await Promise.all(Array.from({ length: 50 }, () => open(through([hop(bastion)]), context)))
    expect(await Promise.all(all.map(async (connection, number) => (await run(connection, sh`echo ${number}`)).stdout))).toEqual(Array.from({ length: 50 }, (_, number) => `${number}\n`))
    expect([accepted(bastion, before), accepted(host, there), await bastion.connections()]).toEqual([1, 50, 1])
    await Promise.all(all.map((connection) => connection.close({ outcome: 'done' })))
  })

  it('are not shared by different users', async () => {
    const before = bastion.log().length
    const context = runContext()
    const both = await Promise.all([open(through([hop(bastion)]), context), open(through([hop(bastion, { user: 'jump' })]), context)])
    expect(accepted(bastion, before)).toBe(2)
    await Promise.all(both.map((connection) => connection.close({ outcome: 'done' })))
  })

  it('that were lost are opened anew', async () => {
    const context = runContext()
    const first = await open(through([hop(bastion)]), context)
    await bastion.stop({ connections: true })
    const lost = await failing(run(first, sh`echo lost`))
    expect(lost.code).toBe('CONNECTION_LOST')
    await bastion.start()
    const second = await open(through([hop(bastion)]), context)
    expect((await run(second, sh`echo again`)).stdout).toBe('again\n')
    await second.close({ outcome: 'done' })
  })

  it('carry further connections of a host too', async () => {
    const before = bastion.log().length
    const connection = await open(through([hop(bastion)]))
    const shells = await Promise.all(Array.from({ length: 9 }, () => connection.spawn(sh`exec sh`)))
    expect([accepted(bastion, before), await host.connections()]).toEqual([1, 3])
    for (const shell of shells) shell.stdin.end()
    await connection.close({ outcome: 'done' })
  })

  it('whose key is not known are refused, and so is a host behind one that is', async () => {
    const none = join(folder(), 'known_hosts')
    writeFileSync(none, '')
    expect(await failing(open(through([hop(bastion, { knownHosts: [none] })])))).toMatchObject({ code: 'HOST_KEY_UNKNOWN', message: expect.stringContaining('bastion') })
    expect(await failing(open(through([hop(bastion)], { knownHosts: [none] })))).toMatchObject({ code: 'HOST_KEY_UNKNOWN', message: expect.stringContaining('web') })
  })

  it('that cannot reach the host say so', async () => {
    const refused = await failing(open(through([hop(bastion)], { port: 1 })))
    expect([refused.code, refused.message]).toEqual(['CONNECT_REFUSED', 'Cannot reach web (127.0.0.1, port 1) through bastion: the connection was refused.'])
    expect(await failing(open(through([hop(bastion)], { hostname: 'no-such-host.invalid' })))).toMatchObject({ code: expect.stringMatching(/^CONNECT_(RESOLVE|FAILED)$/) })
  })

  it('that let no tunnels through say so', async () => {
    const closed = await startSshd({ config: 'AllowTcpForwarding no' })
    onTestFinished(() => closed.close())
    expect(await failing(open(through([hop(closed)])))).toMatchObject({ code: 'CONNECT_FAILED', hint: expect.stringContaining('AllowTcpForwarding') })
  })

  it('that refuse a password are given it once, however many hosts are behind them', async () => {
    const closed = await startSshd({ users: { jump: { password: 'open sesame' } } })
    onTestFinished(() => closed.close())
    const context = runContext()
    const refusing = () => failing(open(through([hop(closed, { user: 'jump', keys: [], password: secret('close barley') })]), context))
    const errors = [...(await Promise.all([refusing(), refusing()])), await refusing()]
    expect(errors.map(({ code }) => code)).toEqual(Array.from({ length: 3 }, () => 'AUTHENTICATION_FAILED'))
    await vi.waitFor(() => expect(closed.log()).toContain('Failed password'), 20_000)
    expect(closed.log().match(/Failed password/g)).toHaveLength(1)
  })

  it('are tried as often as they say, not once more for every try of the host behind', async () => {
    const error = await failing(open(through([hop(bastion, { port: 1, connectRetries: 1, retryDelay: { min: 0, max: 0 } })], { connectRetries: 5 })))
    expect(error).toMatchObject({ code: 'CONNECT_REFUSED', message: expect.stringContaining('bastion') })
  })
})

describe.skipIf(missing !== undefined)(`ProxyCommand${missing === undefined ? '' : ` (${missing})`}`, () => {
  const command = () => `exec nc ${host.host} ${host.port}`

  it('brings the connection', async () => {
    const connection = await open(settingsFor(host, { proxyCommand: command() }))
    expect((await run(connection, sh`head -c 3000000 /dev/zero | wc -c`)).stdout).toBe('3000000\n')
    const { stdout } = await run(connection, sh`head -c 3000000 /dev/zero`)
    expect(stdout.length).toBe(3_000_000)
    await connection.close({ outcome: 'done' })
  })

  it('ends with the connection', async () => {
    const mark = join(folder(), 'pid')
    const connection = await open(settingsFor(host, { proxyCommand: `echo $$ >${mark}; exec nc ${host.host} ${host.port}` }))
    const pid = readFileSync(mark, 'utf8').trim()
    expect(existsSync(`/proc/${pid}`)).toBe(true)
    await connection.close({ outcome: 'done' })
    await until(async () => !existsSync(`/proc/${pid}`))
  })

  it('that fails is told with what it said', async () => {
    expect(await failing(open(settingsFor(host, { proxyCommand: 'echo no way to it >&2; exit 3' })))).toMatchObject({ code: 'CONNECT_PROXY', message: expect.stringContaining('no way to it') })
    expect(await failing(open(settingsFor(host, { proxyCommand: 'exit 3' })))).toMatchObject({ code: 'CONNECT_PROXY', message: expect.stringContaining('it ended with code 3') })
  })

  it('that stops to listen is told with what it says after that', async () => {
    const deaf = open(settingsFor(host, { proxyCommand: 'exec <&-; echo SSH-2.0-deaf; sleep 0.5; echo the way is shut >&2; exit 3' }))
    expect(await failing(deaf)).toMatchObject({ code: 'CONNECT_PROXY', message: expect.stringContaining('the way is shut') })
  })

  it('serves the first hop too', async () => {
    const connection = await open(through([hop(bastion, { proxyCommand: `exec nc ${bastion.host} ${bastion.port}` })]))
    expect((await run(connection, sh`echo in`)).stdout).toBe('in\n')
    await connection.close({ outcome: 'done' })
  })
})

describe.skipIf(missing !== undefined)(`on another connection${missing === undefined ? '' : ` (${missing})`}`, () => {
  it('stands on the tunnels of what is underneath', async () => {
    const below = await open(hop(bastion))
    const above = await open(settingsFor(host), runContext({ base: below }))
    expect((await run(above, sh`echo stacked`)).stdout).toBe('stacked\n')
    await above.close({ outcome: 'done' })
    await below.close({ outcome: 'done' })
  })

  it('says that it needs tunnels where there are none', async () => {
    const { spawn, close } = runContext().base
    expect(await failing(openTransport(settingsFor(host), { ...targetOf('web'), below: ['@chroot/mnt'] }, runContext({ base: { spawn, close } })))).toMatchObject({
      code: 'CONNECT_NO_TUNNEL',
      message: 'web cannot be reached from @chroot/mnt, which makes no tunnels.',
    })
  })
})
