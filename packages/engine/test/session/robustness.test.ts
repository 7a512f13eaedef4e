import { chmodSync, closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { script, secret, sh } from '@chaos/core'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSession } from '../../src/session/index.ts'
import type { CommandPart, PartAnswer, Session } from '../../src/session/index.ts'
import { reads } from '../shells.ts'
import { find, localConnection, shells } from './local-connection.ts'
import type { LocalConnection } from './local-connection.ts'

const command = (text: string, more: Partial<CommandPart> = {}): CommandPart => ({ kind: 'command', command: script(text), ...more })
const shown = (answer: PartAnswer | undefined) => (answer?.state === 'done' ? `${answer.code} ${Buffer.from(answer.stdout).toString()}${Buffer.from(answer.stderr).toString()}` : answer?.state)

// A time that nobody else sleeps: tests of other files run beside these.
const STAYS = `sleep 9${process.pid}`

for (const shell of shells) {
  describe.skipIf(!find(shell))(`${shell}${find(shell) ? '' : ' (not installed)'}`, () => {
    let connection: LocalConnection
    let session: Session
    let folder: string

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'chaos-robust-'))
      connection = localConnection(shell)
      session = await openSession(connection, { host: 'here', password: async () => undefined })
    })
    afterEach(async () => {
      await session.close('done')
      rmSync(folder, { recursive: true, force: true })
    })
    const ask = async (...parts: CommandPart[]) => (await session.exchange([{ as: {}, parts }]))[0] ?? []

    it('tells what shell it is', async () => {
      const kinds: string[] = []
      const other = await openSession(localConnection(shell), { host: 'here', password: async () => undefined, onShell: ({ kind }) => kinds.push(kind) })
      await other.exchange([{ as: {}, parts: [] }])
      await other.close('done')
      expect([kinds, other.exchanges]).toEqual([[shell], 1])
    })

    it('passes every text as one word', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0')), { maxLength: 5 }), fc.boolean(), async (words, trusted) => {
          const [answer] = await ask({ kind: 'command', command: sh`for each in ${words}; do printf '%s|' "$each"; done`, trusted })
          expect(shown(answer)).toBe(`0 ${words.map((each) => `${Buffer.from(each).toString()}|`).join('')}`)
        }),
        { numRuns: 40 },
      )
    })

    it('runs scripts of 200 KB', async () => {
      const text = `: '${"it''s ".repeat(10_000)}'\n`.repeat(4) + 'echo end'
      expect((await ask(command(text), command(text, { trusted: true }))).map(shown)).toEqual(['0 end\n', '0 end\n'])
    })

    it('keeps the first bytes of a long output and counts the rest', async () => {
      const [answer, next] = await ask(command('head -c 20000000 /dev/zero; echo err >&2', { keep: 1000 }), command('echo next'))
      expect(answer?.state === 'done' && [answer.stdout.length, answer.dropped, Buffer.from(answer.stderr).toString()]).toEqual([1000, 19_999_000, 'err\n'])
      expect(shown(next)).toBe('0 next\n')
    })

    it('does not wait for a child that keeps its stdout', async () => {
      expect((await ask(command(`${STAYS} & echo now`), command('echo B0; echo E0 0; echo X'))).map(shown)).toEqual(['0 now\n', '0 B0\nE0 0\nX\n'])
      while (sleepers().length === 0) await sleep(5)
      for (const pid of sleepers()) process.kill(pid)
    })

    it('ends what runs when the signal fires, and is in step afterwards', async () => {
      const abort = new AbortController()
      const running = session.exchange([{ as: {}, parts: [command('echo a'), command(`touch ${folder}/begun; ${STAYS}`), command('echo never')], signal: abort.signal }])
      while (!readdirSync(folder).includes('begun')) await sleep(5)
      abort.abort()
      expect((await running)[0]?.map(shown)).toEqual(['0 a\n', 'ended', 'skipped'])
      expect((await session.exchange([{ as: {}, parts: [command('echo never')], signal: abort.signal }]))[0]?.map(shown)).toEqual(['skipped'])
      expect((await ask(command(STAYS, { trusted: true, timeout: 0.1 }), command('echo never'))).map(shown)).toEqual(['ended', 'skipped'])
      expect((await ask(command('echo in step'))).map(shown)).toEqual(['0 in step\n'])
      expect(sleepers()).toEqual([])
    })

    it('begins nothing more when told to stop, but brings what has begun to its end', async () => {
      const stop = new AbortController()
      const parts = [command(`touch ${folder}/runs; while [ ! -e ${folder}/go ]; do sleep 0.02; done; echo a`), { ...command('echo b'), follows: true }, command('echo never')]
      const running = session.exchange([{ as: {}, parts, stop: stop.signal }])
      while (!readdirSync(folder).includes('runs')) await sleep(5)
      await reads(connection.children[0]?.pid as number, () => stop.abort())
      writeFileSync(join(folder, 'go'), '')
      expect((await running)[0]?.map(shown)).toEqual(['0 a\n', '0 b\n', 'skipped'])
      expect((await session.exchange([{ as: {}, parts: [command('echo never')], stop: stop.signal }]))[0]?.map(shown)).toEqual(['skipped'])
      expect((await ask(command('echo in step'))).map(shown)).toEqual(['0 in step\n'])
    })

    it('answers unknown when what runs a part is killed by the part itself', async () => {
      const answers = await ask(command('echo a'), command('kill -9 $(cut -d" " -f4 /proc/$$/stat); echo b'), command('echo c'))
      expect(answers.map(shown).slice(0, 1)).toEqual(['0 a\n'])
      expect(answers[2]?.state).toBe('unknown')
      expect((await ask(command('echo in step'))).map(shown)).toEqual(['0 in step\n'])
    })

    it('answers unknown when the shell is killed, and opens it again', async () => {
      const answers = await ask(command('echo a'), command(`kill -9 $(cut -d" " -f4 /proc/$PPID/stat); while [ ! -e ${folder}/go ]; do sleep 0.02; done`), command('echo b'))
      writeFileSync(join(folder, 'go'), '')
      expect(answers.map(shown)).toEqual(['0 a\n', 'unknown', 'unknown'])
      expect((await ask(command('echo again'))).map(shown)).toEqual(['0 again\n'])
      expect(connection.children.length).toBe(2)
    })

    it('ends a large content half way without a trace', async () => {
      const path = join(folder, 'large')
      closeSync(truncated(join(folder, 'sparse'), 2_000_000_000))
      const content = { local: join(folder, 'sparse'), size: 2_000_000_000, sha256: '0'.repeat(64) }
      const [answer] = await session.exchange([{ as: {}, parts: [{ kind: 'write', path, content, timeout: 0.2 }, command('echo never')] }])
      expect(answer?.map(shown)).toEqual(['ended', 'skipped'])
      expect((await ask(command('echo again'))).map(shown)).toEqual(['0 again\n'])
      expect(readdirSync(folder)).toEqual(['sparse'])
    })

    it('streams a file of the host, and ends when the reader does', async () => {
      const path = join(folder, 'large')
      closeSync(truncated(path, 30_000_000))
      let length = 0
      for await (const chunk of session.read(path, {})) length += chunk.length
      expect(length).toBe(30_000_000)
      for await (const chunk of session.read('/dev/zero', {})) if (chunk.length > 0) break
      await expect(async () => {
        for await (const _ of session.read(join(folder, 'nowhere'), {}));
      }).rejects.toThrow(/cannot be read on here: .*No such file/)
      expect((await ask(command('echo in step'))).map(shown)).toEqual(['0 in step\n'])
    })

    it('shows a secret to nobody but the command', async () => {
      const canary = `canary${'4'.repeat(3)}`
      const running = ask({ kind: 'command', command: sh`cat; touch ${folder}/begun; while [ -e ${folder}/begun ]; do sleep 0.02; done`, stdin: secret(canary) })
      while (!readdirSync(folder).includes('begun')) await sleep(5)
      const seen = processesWith(canary)
      rmSync(join(folder, 'begun'))
      expect([(await running).map(shown), seen]).toEqual([[`0 ${canary}`], []])
    })

    it('says that the connection is gone when no shell can be started', async () => {
      const broken = await openSession({ ...connection, spawn: () => Promise.reject(new Error('gone')) }, { host: 'here', password: async () => undefined })
      await expect(broken.exchange([{ as: {}, parts: [] }])).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    })

    it('ends what runs when the session is closed', async () => {
      const other = await openSession(localConnection(shell), { host: 'here', password: async () => undefined })
      const running = other.exchange([{ as: {}, parts: [command(`touch ${folder}/begun; ${STAYS}`)] }])
      while (!readdirSync(folder).includes('begun')) await sleep(5)
      await other.close('aborted')
      expect([(await running)[0]?.map(shown), sleepers()]).toEqual([['ended'], []])
    })

    it('does without setsid, sha256sum and stat', async () => {
      const bin = join(folder, 'bin')
      mkdirSync(bin)
      const programs = ['cat', 'head', 'sleep', 'mkdir', 'mv', 'rm', 'chmod', 'chown', 'wc', 'ls', 'printf', 'touch', 'readlink']
      for (const program of programs) symlinkSync(find(program) as string, join(bin, program))
      symlinkSync(find(shell) as string, join(bin, 'sh'))
      const bare = await openSession(
        // The folders with sbin in their name are added by the session itself; here they must not be found.
        { ...connection, spawn: (each, options) => connection.spawn(script(`PATH=${bin}; ${each.text}`), options) },
        { host: 'here', password: async () => undefined },
      )
      const path = join(folder, 'file')
      writeFileSync(path, 'old')
      chmodSync(path, 0o751)
      const [answer] = await bare.exchange([{ as: {}, parts: [
        { kind: 'write', path, content: Buffer.from('new') },
        { kind: 'write', path: join(folder, 'large'), content: Buffer.alloc(20_000, 'x') },
        command(`(${STAYS}; :) & ${STAYS}`, { timeout: 0.2 }),
      ] }])
      expect(answer?.map(shown)).toEqual(['0 ', '0 ', 'ended'])
      expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o7777, sleepers()]).toEqual(['new', 0o751, []])
      expect((await bare.exchange([{ as: {}, parts: [command('echo in step')] }]))[0]?.map(shown)).toEqual(['0 in step\n'])
    })

    it('is not disturbed by what a login prints', async () => {
      const chatty = await openSession(
        { ...connection, spawn: (each, options) => connection.spawn(script(`echo welcome; echo motd >&2\n${each.text}`), options) },
        { host: 'here', password: async () => undefined },
      )
      expect((await chatty.exchange([{ as: {}, parts: [command('echo a')] }]))[0]?.map(shown)).toEqual(['0 a\n'])
    })
  })
}

function truncated(path: string, size: number): number {
  const file = openSync(path, 'w')
  ftruncateSync(file, size)
  return file
}

function sleepers(): number[] {
  return processes().filter((pid) => readProc(`${pid}/cmdline`) === `${STAYS.replace(' ', '\0')}\0`).map(Number)
}

function processesWith(text: string): string[] {
  return processes().filter((pid) => readProc(`${pid}/cmdline`).includes(text) || readProc(`${pid}/environ`).includes(text))
}

function processes(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
}

function readProc(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, 'latin1')
  } catch {
    return ''
  }
}
