import { once } from 'node:events'
import { sh } from '@chaos/core'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd, SshdOptions } from '@chaos/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { failing, open, run, settingsFor } from './support.ts'

const missing = noSshd()

async function start(options: SshdOptions = {}): Promise<Sshd> {
  const sshd = await startSshd(options)
  onTestFinished(() => sshd.close())
  return sshd
}

describe.skipIf(missing !== undefined)(`a lost connection${missing === undefined ? '' : ` (${missing})`}`, () => {
  it('ends everything that waited for it, and what is asked of it afterwards', async () => {
    const sshd = await start()
    const connection = await open(settingsFor(sshd))
    const shells = await Promise.all([1, 2, 3, 4, 5].map(() => connection.spawn(sh`echo there; cat`)))
    await Promise.all(shells.map(({ stdout }) => once(stdout, 'data')))
    await sshd.stop({ connections: true })
    for (const shell of shells) expect(await failing(shell.exit)).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(shells.map(({ stdin }) => stdin.write('more'))).toHaveLength(5)
    expect(await failing(connection.spawn(sh`true`))).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(await failing(connection.dial({ host: '127.0.0.1', port: 1 }))).toMatchObject({ code: 'CONNECTION_LOST' })
    await connection.close({ outcome: 'failed' })
  })

  it('while a command is being started is told to whoever starts it', async () => {
    const sshd = await start()
    const connection = await open(settingsFor(sshd))
    const starting = Array.from({ length: 8 }, () => connection.spawn(sh`sleep 300`).then(({ exit }) => exit))
    const failed = starting.map((each) => failing(each))
    await sshd.stop({ connections: true })
    for (const { code } of await Promise.all(failed)) expect(code).toMatch(/^CONNECT(ION_LOST|_)/)
  })

  it('that a process closed by itself is told as that', async () => {
    const sshd = await start()
    const connection = await open(settingsFor(sshd))
    const running = await connection.spawn(sh`kill -s KILL $PPID; sleep 300`)
    expect(await failing(running.exit)).toMatchObject({ code: 'CONNECTION_LOST' })
  })

  it('is noticed when nothing comes any more', async () => {
    const sshd = await start()
    const connection = await open(settingsFor(sshd, { keepAlive: { interval: 1, count: 3 } }))
    expect((await run(connection, sh`echo alive`)).stdout).toBe('alive\n')
    const running = await connection.spawn(sh`echo $PPID; sleep 300`)
    const pid = String((await once(running.stdout, 'data'))[0]).trim()
    await sshd.run(`kill -s STOP ${pid}`)
    expect(await failing(running.exit)).toMatchObject({ code: 'CONNECTION_LOST', message: expect.stringContaining('Keepalive timeout') })
    await sshd.run(`kill -s CONT ${pid}`)
  })

  it('does not hold whoever gives up a host that does not answer, nor its end', async () => {
    const sshd = await start()
    const connection = await open(settingsFor(sshd))
    const running = await connection.spawn(sh`echo $PPID; sleep 300`)
    const pid = String((await once(running.stdout, 'data'))[0]).trim()
    await sshd.run(`kill -s STOP ${pid}`)
    const abort = new AbortController()
    const starting = failing(connection.spawn(sh`touch /run/started`, { signal: abort.signal }))
    abort.abort(new Error('given up'))
    expect((await starting).message).toBe('given up')
    await connection.close({ outcome: 'aborted' })
    await sshd.run(`kill -s CONT ${pid}`)
  })

  it('is closed at once when the host is gone', async () => {
    const sshd = await start()
    const connection = await open(settingsFor(sshd))
    const running = await connection.spawn(sh`sleep 300`)
    await sshd.stop({ connections: true })
    await connection.close({ outcome: 'aborted' })
    expect(await failing(running.exit)).toMatchObject({ code: 'CONNECTION_LOST' })
  })
})
