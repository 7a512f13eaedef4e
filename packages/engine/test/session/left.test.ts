import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { script } from '@chaos/core'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { endLeft, openSession, readEnding } from '../../src/session/index.ts'
import type { Leaving } from '../../src/session/index.ts'
import type { Part, Session } from '../../src/session/index.ts'
import { processOf } from '../../src/session/left.ts'
import { fakeConnector } from '../../../testkit/src/index.ts'
import type { Fake } from '../../../testkit/src/index.ts'
import { gone, shellsOf } from '../shells.ts'
import { find, shells } from './local-connection.ts'

const BOOT = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

it('reads who a process is from its line in /proc, whatever its name holds', () => {
  expect(processOf('42 (a) b) S 1 40 39 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 777 0')).toEqual({ pid: 42, session: '39', started: '777' })
  expect(processOf('$$ ')).toBeUndefined()
  expect(processOf('42 (sh')).toBeUndefined()
})

it.each([
  ['the shell lives', 'exec sleep 300'],
  ['the shell has ended', 'exit'],
])('what a shell has begun and not told of is waited for, though what was told of has ended: %s', async (_, then) => {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-left-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const begin = '(( while [ ! -e go ]; do sleep 0.02; done; touch first ) & : >begun )'
  const lost = spawn('sh', ['-c', `${begin}; read _; ${then}`], { cwd: folder, detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  while (!existsSync(join(folder, 'begun'))) await sleep(5)
  const shell = processOf(readFileSync(`/proc/${lost.pid}/stat`, 'utf8'))!
  const reporter = { ...shell, started: '1' }
  lost.stdin.end()
  if (then === 'exit') await once(lost, 'exit')
  const looking = spawn('sh', ['-c', endLeft({ shell, reporter, part: undefined, temporaries: [] }, { boot: BOOT, seconds: 30 }).text])
  void gone([shell.pid]).then(() => writeFileSync(join(folder, 'go'), ''))
  expect(readEnding(await text(looking.stdout)).left).toBe('ended')
  expect(existsSync(join(folder, 'first'))).toBe(true)
})

for (const shell of shells) {
  const program = find(shell)
  describe.skipIf(!program)(`what a lost ${shell} leaves${program ? '' : ' (not installed)'}`, () => {
    let fake: Fake
    let folder: string
    let sessions: Session[]
    let told: Promise<void>[]
    beforeEach(() => {
      fake = fakeConnector(program === undefined ? {} : { shell: program })
      folder = mkdtempSync(join(tmpdir(), 'chaos-left-'))
      sessions = []
      told = []
    })
    afterEach(async () => {
      await Promise.all(sessions.map((session) => session.close('done')))
      await fake.close()
      await Promise.all(told)
      rmSync(folder, { recursive: true })
    })

    const session = async (): Promise<Session> => {
      const connection = await fake.connector.open!({ host: '@fake/one', argument: 'one', data: {}, below: [] }, undefined as never)
      const opened = await openSession(connection, { host: '@fake/one', password: async () => undefined })
      sessions.push(opened)
      return opened
    }
    /** Runs parts, is lost in the first of them, and ends from a new session what is left. */
    const lose = async (parts: readonly string[], { unnoticed = true, boot = BOOT, seconds = 10 } = {}): Promise<Leaving> => {
      const lost = await session()
      await lost.exchange([{ as: {}, parts: [] }])
      const running = lost.exchange([{ as: {}, parts: parts.map((text): Part => ({ kind: 'command', command: script(text) })) }])
      while (!existsSync(join(folder, 'begun'))) await sleep(5)
      const old = shellsOf(fake, 'one')
      fake.break('one', { unnoticed })
      writeFileSync(join(folder, 'cut'), '')
      // What has begun goes on when the shell is gone: then it has been told to begin nothing more.
      told.push(gone(old).then(() => writeFileSync(join(folder, 'go'), '')))
      expect((await running)[0]?.[0]?.state).toBe('unknown')
      const [[answer] = []] = await (await session()).exchange([{ as: {}, parts: [{ kind: 'command', command: endLeft(lost.left({})!, { boot, seconds }), trusted: true }] }])
      if (answer?.state !== 'done') throw new Error(`the host did not answer: ${answer?.state}`)
      return readEnding(Buffer.from(answer.stdout).toString()).left
    }

    for (const unnoticed of [true, false]) {
      it(`what has begun comes to its end, what stands behind it never begins (${unnoticed ? 'the host does not notice' : 'the host notices'})`, async () => {
        expect(await lose([`touch ${folder}/begun; while [ ! -e ${folder}/go ]; do sleep 0.02; done; touch ${folder}/first`, `touch ${folder}/second`], { unnoticed })).toBe('ended')
        expect([existsSync(join(folder, 'first')), existsSync(join(folder, 'second'))]).toEqual([true, false])
        // The shell of the new connection alone.
        while (fake.running('one').length > 1) await sleep(5)
      })
    }

    it('what does not end in time is said to run, and is left alone', async () => {
      expect(await lose([`touch ${folder}/begun; while [ ! -e ${folder}/end ]; do sleep 0.02; done; touch ${folder}/first`], { seconds: 0.2 })).toBe('running')
      writeFileSync(join(folder, 'end'), '')
      while (!existsSync(join(folder, 'first'))) await sleep(20)
    })

    it('nothing is signalled after another boot: pids come back', async () => {
      expect(await lose([`touch ${folder}/begun; while [ ! -e ${folder}/cut ]; do sleep 0.02; done`, `touch ${folder}/second`], { boot: 'another' })).toBe('ended')
      while (!existsSync(join(folder, 'second'))) await sleep(20)
    })
  })
}
