import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { sh } from '@chaos/core'
import type { Process } from '@chaos/core'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WINDOW } from '../../src/openssh/mux/channel.ts'
import { openTo, processes, run, scratch, until } from './open-to.ts'
import type { Scratch } from './open-to.ts'

const missing = noSshd()

/** Opens a connection and keeps it until it is killed. */
const HOLDER = `
import { createRequire } from 'node:module'
const vitest = createRequire(process.argv[1]).resolve('vitest/package.json')
const { runnerImport } = await import(createRequire(vitest).resolve('vite'))
const { openTo } = (await runnerImport(process.argv[1])).module
await openTo(JSON.parse(process.argv[2]), { user: 'ana' })
console.log('open')
setInterval(() => {}, 1000)`

describe.skipIf(missing !== undefined)(`sessions of the openssh transport (${missing ?? 'a real sshd'})`, () => {
  let sshd: Sshd
  let temporary: Scratch

  beforeAll(async () => {
    sshd = await startSshd({ users: { ana: {}, bea: {} }, config: 'Match User bea\n  MaxSessions 1' })
  })
  afterAll(() => sshd.close())
  beforeEach(() => {
    temporary = scratch()
  })
  afterEach(() => {
    temporary.remove()
  })

  const masters = (): number => processes(({ argv }) => argv.startsWith('ssh -N') && argv.includes(temporary.folder)).length

  /** Shells that stay, each asked one thing. */
  const shells = async (count: number, user: string) => {
    const connection = await openTo(sshd, { user })
    const open = await Promise.all(Array.from({ length: count }, () => connection.spawn(sh`exec sh`)))
    return { connection, open }
  }
  const ask = async ({ stdin, stdout }: Process, line: string): Promise<string> => {
    stdin.write(`${line}\n`)
    const [chunk] = (await once(stdout, 'data')) as [Buffer]
    return String(chunk)
  }

  it('gives 20 shells on an sshd with its default MaxSessions, four to a connection', async () => {
    const { connection, open } = await shells(20, 'ana')
    expect(await Promise.all(open.map((shell, index) => ask(shell, `echo shell ${index}`)))).toEqual(open.map((_, index) => `shell ${index}\n`))
    expect(masters()).toBe(5)
    expect(await sshd.connections()).toBe(5)
    await connection.close({ outcome: 'done' })
    await until(async () => (await sshd.connections()) === 0)
  })

  it('opens a connection for each session where the host takes one at a time', async () => {
    const { connection, open } = await shells(3, 'bea')
    expect(await Promise.all(open.map((shell, index) => ask(shell, `echo ${index}`)))).toEqual(['0\n', '1\n', '2\n'])
    expect(masters()).toBe(3)
    await connection.close({ outcome: 'done' })
  })

  it('uses one connection for any number of commands one after another', async () => {
    const connection = await openTo(sshd, { user: 'ana' })
    for (let count = 0; count < 12; count++) expect((await run(connection, sh`echo ${count}`)).stdout).toBe(`${count}\n`)
    await connection.close({ outcome: 'done' })
    expect(sshd.log().split('\n').filter((line) => line.includes('Accepted publickey for ana')).length).toBeLessThanOrEqual(9)
  })

  it('ends what does not end by itself on an abort, also where the host takes one session at a time', async () => {
    for (const user of ['ana', 'bea']) {
      const connection = await openTo(sshd, { user })
      const abort = new AbortController()
      const running = await connection.spawn(sh`trap '' TERM; (trap '' TERM; while :; do sleep 1; done) & echo $$; while :; do sleep 1; done`, { signal: abort.signal })
      const [chunk] = (await once(running.stdout, 'data')) as [Buffer]
      abort.abort()
      expect((await running.exit).signal).toBe('SIGKILL')
      expect(await sshd.run(`ps -o pid= -g ${String(chunk).trim()} -s ${String(chunk).trim()} | cat`)).toBe('')
      await connection.close({ outcome: 'done' })
    }
  })

  it('ends what runs on a terminal on an abort', async () => {
    const connection = await openTo(sshd, { user: 'ana' })
    const abort = new AbortController()
    const running = await connection.spawn(sh`echo ready; exec sleep 4711`, { signal: abort.signal, terminal: true })
    let seen = ''
    while (!seen.endsWith('\n')) seen += String((await once(running.stdout, 'data'))[0])
    expect(seen).toBe('ready\r\n')
    abort.abort()
    await running.exit
    expect(await sshd.run('ps -eo args= | grep "[s]leep 4711" | cat')).toBe('')
    await connection.close({ outcome: 'done' })
  })

  it('is not held up by an output that nobody reads, and does not collect it', async () => {
    const connection = await openTo(sshd, { user: 'ana' })
    const unread = await connection.spawn(sh`head -c 300000000 /dev/zero`)
    for (let count = 0; count < 5; count++) expect((await run(connection, sh`echo ${count}`)).stdout).toBe(`${count}\n`)
    expect(unread.stdout.readableLength).toBeLessThanOrEqual(WINDOW)
    let bytes = 0
    for await (const chunk of unread.stdout) bytes += (chunk as Buffer).length
    expect([bytes, await unread.exit]).toEqual([300_000_000, { code: 0 }])
    await connection.close({ outcome: 'done' })
  })

  it('says what is too long for a command', async () => {
    const connection = await openTo(sshd, { user: 'ana' })
    await expect(connection.spawn(sh`: ${'x'.repeat(200_000)}`)).rejects.toMatchObject({ code: 'SPAWN_FAILED', message: expect.stringContaining('too long') })
    expect((await run(connection, sh`echo on`)).stdout).toBe('on\n')
    await connection.close({ outcome: 'done' })
  })

  it('rejects what runs when its ssh is killed, and what is asked for after that', async () => {
    const connection = await openTo(sshd, { user: 'ana' })
    const running = await connection.spawn(sh`echo ready; exec sleep 300`)
    await once(running.stdout, 'data')
    const [master] = processes(({ argv }) => argv.startsWith('ssh -N') && argv.includes(temporary.folder))
    process.kill(Number.parseInt(master as string, 10), 'SIGKILL')
    await expect(running.exit).rejects.toMatchObject({ code: 'CONNECTION_LOST', host: sshd.host })
    await expect(connection.spawn(sh`echo again`)).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await expect(connection.dial({ host: '127.0.0.1', port: 1 })).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await connection.close({ outcome: 'failed' })
  })

  it('starts nothing once it is closed', async () => {
    const connection = await openTo(sshd, { user: 'ana' })
    await connection.close({ outcome: 'done' })
    await connection.close({ outcome: 'done' })
    await expect(connection.spawn(sh`echo`)).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
  })

  it('gives up connecting when the run is aborted', async () => {
    const ends = new AbortController()
    const stuck = { host: '127.0.0.1', port: sshd.port, key: sshd.key, knownHosts: sshd.knownHosts }
    const opening = openTo(stuck, { proxyCommand: 'sleep 300' }, { context: { signal: ends.signal } })
    opening.catch(() => {})
    await until(() => masters() === 1)
    ends.abort()
    await expect(opening).rejects.toThrow('aborted')
  })

  it('leaves no ssh and no folder when chaos itself is killed', async () => {
    const source = fileURLToPath(new URL('open-to.ts', import.meta.url))
    const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, source, JSON.stringify(sshd)], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 120_000 })
    expect(String((await once(holder.stdout, 'data'))[0])).toBe('open\n')
    expect(masters()).toBe(1)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    await until(() => temporary.left().files.length + temporary.left().processes.length === 0)
  })

  it('tells a code of ssh itself from that of a command', async () => {
    const connection = await openTo(sshd, { user: 'ana' })
    expect((await run(connection, sh`exit 255`)).code).toBe(255)
    const killed = await connection.spawn(sh`kill -s KILL $$`)
    expect(await killed.exit).toEqual({ code: null, signal: 'SIGKILL' })
    expect(await text(killed.stderr)).toBe('')
    await connection.close({ outcome: 'done' })
  })
})
