import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sh } from '@chaos/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSession } from '../../src/session/index.ts'
import type { PartAnswer, Session, WritePart } from '../../src/session/index.ts'
import { find, localConnection, shells } from './local-connection.ts'

const root = process.getuid?.() === 0
let folder: string
let session: Session

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chaos-writes-'))
  chmodSync(folder, 0o755)
})
afterEach(async () => {
  await session.close('done')
  rmSync(folder, { recursive: true, force: true })
})

async function write(...parts: Omit<WritePart, 'kind'>[]): Promise<readonly PartAnswer[]> {
  const [answer] = await session.exchange([{ as: {}, parts: parts.map((part) => ({ kind: 'write', ...part })) }])
  return answer ?? []
}
const failure = (answer: PartAnswer | undefined) => (answer?.state === 'done' ? `${answer.code} ${Buffer.from(answer.stderr).toString()}` : answer?.state)
const local = (path: string) => {
  const bytes = readFileSync(path)
  return { local: path, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

for (const shell of shells) {
  describe.skipIf(!find(shell))(`${shell}${find(shell) ? '' : ' (not installed)'}`, () => {
    beforeEach(async () => {
      session = await openSession(localConnection(shell), { host: 'here', password: async () => undefined })
    })

    it('writes contents of every size and byte, small ones in the frame, larger ones after a READY', async () => {
      const all = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7 + (index >> 8)) % 256))
      const sizes: [number, number][] = [[0, 1], [1, 1], [256, 1], [8191, 1], [8192, 1], [8193, 2], [70_000, 2]]
      for (const [size, cost] of sizes) {
        const before = session.exchanges
        const path = join(folder, `it's ${size} \\n`)
        expect((await write({ path, content: all.subarray(0, size) })).map(failure)).toEqual(['0 '])
        expect(readFileSync(path).equals(all.subarray(0, size))).toBe(true)
        expect([size, session.exchanges - before]).toEqual([size, cost])
      }
      const big = Buffer.alloc(3_000_000, all)
      writeFileSync(join(folder, 'source'), big)
      const before = session.exchanges
      const paths = ['a', 'b'].map((name) => join(folder, 'not/there/yet', name))
      const [answer] = await session.exchange([{ as: {}, parts: [
        { kind: 'command', command: sh`echo first` },
        { kind: 'write', path: paths[0] as string, content: local(join(folder, 'source')) },
        { kind: 'command', command: sh`wc -c < ${paths[0] as string}` },
        { kind: 'write', path: paths[1] as string, content: big },
        { kind: 'command', command: sh`cmp ${paths[0] as string} ${paths[1] as string} && echo same` },
      ] }])
      expect(answer?.map((part) => (part.state === 'done' ? `${part.code} ${Buffer.from(part.stdout).toString()}${Buffer.from(part.stderr).toString()}`.trim() : part.state))).toEqual(['0 first', '0', '0 3000000', '0', '0 same'])
      expect(session.exchanges - before).toBe(3)
      expect(statSync(join(folder, 'not/there')).mode & 0o7777).toBe(0o755)
      expect(readdirSync(join(folder, 'not/there/yet'))).toEqual(['a', 'b'])
    })

    it('gives a new file 0644 and keeps the mode of one that is there', async () => {
      const path = join(folder, 'file')
      await write({ path, content: Buffer.from('1') })
      expect(statSync(path).mode & 0o7777).toBe(0o644)
      chmodSync(path, 0o6751)
      await write({ path, content: Buffer.from('2') })
      expect(statSync(path).mode & 0o7777).toBe(0o6751)
      await write({ path, content: Buffer.alloc(9000), mode: '0400' })
      expect(statSync(path).mode & 0o7777).toBe(0o400)
    })

    it.skipIf(!root)('keeps owner and group unless told otherwise (needs root)', async () => {
      const path = join(folder, 'file')
      writeFileSync(path, 'old')
      chownSync(path, 12_345, 54_321)
      chmodSync(path, 0o4755)
      expect((await write({ path, content: Buffer.from('new') })).map(failure)).toEqual(['0 '])
      expect([statSync(path).uid, statSync(path).gid, statSync(path).mode & 0o7777]).toEqual([12_345, 54_321, 0o4755])
      await write({ path, content: Buffer.from('new'), group: '7', owner: 'daemon' })
      expect([statSync(path).uid, statSync(path).gid]).toEqual([1, 7])
      expect((await write({ path, content: Buffer.from('x'), owner: 'nobody-of-this-name' })).map(failure)).toEqual([expect.stringMatching(/^1 .*(invalid|unknown) user/)])
      expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['new', ['file']])
    })

    it('leaves the old file and nothing else where it fails', async () => {
      const path = join(folder, 'file')
      writeFileSync(path, 'old')
      writeFileSync(join(folder, 'source'), 'x'.repeat(9000))
      mkdirSync(join(folder, 'directory'))
      symlinkSync(join(folder, 'directory'), join(folder, 'link'))
      const validate = (temporary: string) => sh`grep -q good ${temporary} || { echo not good >&2; exit 5; }`
      expect((await write(
        { path, content: Buffer.from('bad'), validate },
        { path, content: Buffer.alloc(9000, 'bad'), validate },
        { path: join(folder, 'directory'), content: Buffer.from('x') },
        { path: join(folder, 'directory'), content: Buffer.alloc(9000) },
        { path: join(folder, 'link'), content: Buffer.from('x') },
        { path: join(path, 'below'), content: Buffer.from('x') },
        { path, content: { ...local(join(folder, 'source')), sha256: '0'.repeat(64) } },
        { path, content: { ...local(join(folder, 'source')), size: 9001 } },
        { path, content: { local: join(folder, 'nowhere'), size: 9001, sha256: '' } },
        { path: '/proc/chaos', content: Buffer.alloc(9000) },
      )).map(failure)).toEqual([
        '5 not good\n',
        '5 not good\n',
        expect.stringMatching(/^21 .*Is a directory/),
        expect.stringMatching(/^21 .*Is a directory/),
        expect.stringMatching(/^21 .*Is a directory/),
        expect.stringMatching(/^1 .*(not a directory|File exists)/i),
        expect.stringMatching(/^74 .*did not arrive whole/),
        expect.stringMatching(/^1 .*has changed/),
        expect.stringMatching(/^1 .*no such file/i),
        expect.stringMatching(/^[12] /),
      ])
      expect(readFileSync(path, 'utf8')).toBe('old')
      expect(readdirSync(folder).toSorted()).toEqual(['directory', 'file', 'link', 'source'])
      expect(readdirSync(join(folder, 'directory'))).toEqual([])
      expect((await write({ path, content: Buffer.from('good'), validate, backup: true })).map(failure)).toEqual(['0 '])
      const backup = readdirSync(folder).find((name) => /^file\.\d{8}T\d{6}~$/.test(name)) as string
      expect([readFileSync(path, 'utf8'), readFileSync(join(folder, backup), 'utf8')]).toEqual(['good', 'old'])
    })

    it('ends a validation that hangs, and tidies up', async () => {
      const path = join(folder, 'file')
      const answers = await write({ path, content: Buffer.from('x'), validate: () => sh`sleep 4322`, timeout: 0.3 }, { path, content: Buffer.from('never') })
      expect(answers.map((part) => part.state)).toEqual(['ended', 'skipped'])
      expect(readdirSync(folder)).toEqual([])
      expect((await write({ path, content: Buffer.from('x') })).map(failure)).toEqual(['0 '])
    })

    it.skipIf(!root)('says that a disk is full (needs root for a small file system)', async () => {
      const disk = join(folder, 'disk')
      mkdirSync(disk)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk])
      try {
        writeFileSync(join(disk, 'file'), 'old')
        writeFileSync(join(disk, 'filler'), Buffer.alloc(56 * 1024))
        const answers = await write(
          { path: join(disk, 'file'), content: Buffer.alloc(8192, 'x') },
          { path: join(disk, 'file'), content: Buffer.alloc(1_000_000, 'y') },
          { path: join(folder, 'after'), content: Buffer.from('in step') },
        )
        expect(answers.map(failure)).toEqual([expect.stringMatching(/^1 .*No space left/), expect.stringMatching(/^1 .*No space left/), '0 '])
        expect([readdirSync(disk), readFileSync(join(disk, 'file'), 'utf8'), existsSync(join(folder, 'after'))]).toEqual([['file', 'filler'], 'old', true])
      } finally {
        execFileSync('umount', [disk])
      }
    })
  })
}
