import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { script, sh } from '@chaos/core'
import type { Process } from '@chaos/core'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd, SshdOptions } from '@chaos/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { failing, open, run, runContext, settingsFor } from './support.ts'

const missing = noSshd()

async function start(options: SshdOptions = {}): Promise<Sshd> {
  const sshd = await startSshd(options)
  onTestFinished(() => sshd.close())
  return sshd
}

/** Asks a shell that stays. */
async function ask(shell: Process, line: string): Promise<string> {
  shell.stdin.write(`${line}\n`)
  const [chunk] = (await once(shell.stdout, 'data')) as [Buffer]
  return chunk.toString()
}

describe.skipIf(missing !== undefined)(`session channels${missing === undefined ? '' : ` (${missing})`}`, () => {
  it('twenty long-lived shells work on an sshd with its defaults, on five connections', async () => {
    const sshd = await start()
    const connection = await open(settingsFor(sshd))
    const shells = await Promise.all(Array.from({ length: 20 }, () => connection.spawn(sh`exec sh`)))
    const answers = await Promise.all(shells.map((shell, number) => ask(shell, `echo shell ${number}`)))
    expect(answers).toEqual(Array.from({ length: 20 }, (_, number) => `shell ${number}\n`))
    expect(await sshd.connections()).toBe(5)
    for (const shell of shells) shell.stdin.end()
    expect(await Promise.all(shells.map(({ exit }) => exit))).toEqual(shells.map(() => ({ code: 0 })))
  })

  it('are used again: three hundred commands, four at a time, lose none and need no pile of connections', async () => {
    const sshd = await start()
    const connection = await open(settingsFor(sshd))
    let number = 0
    const lane = async (): Promise<void> => {
      while (number < 300) {
        const mine = number++
        expect(await run(connection, sh`echo ${mine}; exit ${mine % 7}`)).toEqual({ stdout: `${mine}\n`, stderr: '', code: mine % 7 })
      }
    }
    await Promise.all([lane(), lane(), lane(), lane()])
    expect(sshd.log().match(/Accepted publickey/g)?.length).toBeLessThanOrEqual(2)
  })

  it('go elsewhere where a server takes only one', async () => {
    const sshd = await start({ config: 'MaxSessions 1' })
    const connection = await open(settingsFor(sshd))
    const shells = await Promise.all([1, 2, 3].map(() => connection.spawn(sh`exec sh`)))
    expect(await Promise.all(shells.map((shell) => ask(shell, 'echo here')))).toEqual(['here\n', 'here\n', 'here\n'])
    // Nor is there room beside it for ending one.
    const abort = new AbortController()
    const running = await connection.spawn(sh`echo $$; sleep 300`, { signal: abort.signal })
    const pid = String((await once(running.stdout, 'data'))[0]).trim()
    abort.abort()
    await running.exit.catch(() => {})
    expect((await run(connection, script(`kill -s 0 ${pid} 2>&1 || echo gone`))).stdout).toContain('gone')
  })

  it('that a server refuses altogether are an error, not an endless try', async () => {
    const sshd = await start({ config: 'MaxSessions 0' })
    const connection = await open(settingsFor(sshd))
    const error = await connection.spawn(sh`true`).catch((thrown: Error) => thrown)
    expect(error).toMatchObject({ code: 'SPAWN_FAILED' })
    expect(await sshd.connections()).toBeLessThanOrEqual(3)
  })

  it('are no more after the connection has been closed', async () => {
    const sshd = await start()
    const connection = await open(settingsFor(sshd))
    await connection.close({ outcome: 'done' })
    expect(await failing(connection.spawn(sh`true`))).toMatchObject({ code: 'CONNECTION_CLOSED' })
    expect(await failing(connection.dial({ host: '127.0.0.1', port: 1 }))).toMatchObject({ code: 'CONNECTION_CLOSED' })
    while ((await sshd.connections()) > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  })

  it('are all given to fifty who connect to one sshd at once', async () => {
    const sshd = await start()
    const context = runContext()
    const all = await Promise.all(Array.from({ length: 50 }, async (_, number) => (await run(await open(settingsFor(sshd), context), sh`echo ${number}`)).stdout))
    expect(all).toEqual(Array.from({ length: 50 }, (_, number) => `${number}\n`))
    expect(sshd.log()).not.toContain('MaxStartups')
  })

  it('are given to the hosts of several runs at once too, which sshd turns away at first', { timeout: 240_000 }, async () => {
    const sshd = await start({ config: 'MaxStartups 3:100:3' })
    const runs = Array.from({ length: 4 }, () => runContext())
    const all = await Promise.all(runs.flatMap((context) => Array.from({ length: 4 }, async (_, number) => (await run(await open(settingsFor(sshd), context), sh`echo ${number}`)).stdout)))
    expect(all).toEqual(runs.flatMap(() => Array.from({ length: 4 }, (_, number) => `${number}\n`)))
    expect(sshd.log()).toContain('MaxStartups')
  })

  it('refuse a command that is too long, before it breaks the connection', async () => {
    const sshd = await start()
    const connection = await open(settingsFor(sshd))
    expect(await failing(connection.spawn(sh`: ${'x'.repeat(4 << 20)}`))).toMatchObject({ code: 'SPAWN_FAILED', details: { code: 'E2BIG' } })
    expect((await run(connection, sh`: ${'x'.repeat(120_000)}; echo long`)).stdout).toBe('long\n')
    expect((await run(connection, sh`echo still there`)).stdout).toBe('still there\n')
  })
})

describe.skipIf(missing !== undefined)(`processes over ssh${missing === undefined ? '' : ` (${missing})`}`, () => {
  it.each([
    ['as root, whom sshd sends no signals for', 'root'],
    ['as a user', 'ana'],
  ])('end with all they started, whatever they ignore, when aborted: %s', async (_, user) => {
    const sshd = await start({ users: { ana: {} } })
    const connection = await open(settingsFor(sshd, { user }))
    const abort = new AbortController()
    const running = await connection.spawn(script(`trap '' TERM HUP; (trap '' TERM; while :; do sleep 1; done) & echo $$ $!; while :; do sleep 1; done`), { signal: abort.signal })
    const pids = String((await once(running.stdout, 'data'))[0]).trim().split(' ')
    abort.abort()
    expect(await running.exit).toEqual({ code: null, signal: 'SIGKILL' })
    expect((await run(connection, script(`for p in ${pids.join(' ')}; do kill -s 0 $p 2>/dev/null && grep -q '^State:.[^ZX]' /proc/$p/status 2>/dev/null && echo $p; done; echo looked`))).stdout).toBe('looked\n')
  })

  it('on a terminal end when aborted', async () => {
    const sshd = await start()
    const connection = await open(settingsFor(sshd))
    const abort = new AbortController()
    const running = await connection.spawn(script(`trap '' TERM HUP; echo pid $$; while :; do sleep 1; done`), { signal: abort.signal, terminal: true })
    let seen = ''
    while (!/pid \d+\r\n/.test(seen)) seen += String((await once(running.stdout, 'data'))[0])
    abort.abort()
    expect(await running.exit).toEqual({ code: null, signal: 'SIGKILL' })
  })

  it('tell the signal that ended them', async () => {
    const sshd = await start()
    const connection = await open(settingsFor(sshd))
    expect(await (await connection.spawn(script('kill -s KILL $$'))).exit).toEqual({ code: null, signal: 'SIGKILL' })
  })

  it('say nothing on stderr that is not theirs, byte for byte', async () => {
    const sshd = await start()
    const connection = await open(settingsFor(sshd))
    const { stderr, stdout } = await run(connection, script(`printf '\\000\\377:\\n' >&2; printf 'abcdef' >&2; echo out`))
    expect([stderr, stdout]).toEqual(['\0\uFFFD:\nabcdef', 'out\n'])
  })

  it('with a syntax error say so, and are no mystery', async () => {
    const sshd = await start()
    const { stderr, code } = await run(await open(settingsFor(sshd)), script('if then'))
    expect([code, stderr]).toEqual([2, expect.stringMatching(/syntax error/i)])
  })

  it('make the host wait while nobody reads, on stdout and on stderr', async () => {
    const sshd = await start()
    const connection = await open(settingsFor(sshd))
    for (const redirect of ['', ' >&2']) {
      await sshd.run('rm -f /tmp/count; echo 0 >/tmp/count; chmod 666 /tmp/count')
      const running = await connection.spawn(script(`i=0; while [ $i -lt 400 ]; do head -c 100000 /dev/zero${redirect}; i=$((i+1)); echo $i >/tmp/count; done`))
      // What is on its way fills the window, and no more comes.
      let before = -1
      for (let count = 0; count !== before; count = Number((await run(connection, sh`sleep 0.2; cat /tmp/count`)).stdout)) before = count
      expect(before).toBeLessThan(300)
      running.stdout.resume()
      running.stderr.resume()
      expect(await running.exit).toEqual({ code: 0 })
    }
  })

  it('that leave something behind in the background are over when they are', async () => {
    const sshd = await start()
    const connection = await open(settingsFor(sshd))
    const running = await connection.spawn(sh`sleep 300 & echo done`)
    expect(await running.exit).toEqual({ code: 0 })
  })

  it('see their stdin end when it is destroyed, and come to their own end', async () => {
    const sshd = await start()
    const running = await (await open(settingsFor(sshd))).spawn(sh`cat >/dev/null; echo tidied; exit 4`)
    running.stdin.write('half')
    running.stdin.destroy()
    expect([await text(running.stdout), await running.exit]).toEqual(['tidied\n', { code: 4 }])
  })
})
