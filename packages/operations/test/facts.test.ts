import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { facts } from '../src/index.ts'
import { realHost } from './support/real-host.ts'
import { busyboxTools, isMissing, SHELLS } from './support/shells.ts'

const HOSTILE = ['a\nb', 'ends in newline\n', "it's", 'a"b', '-rf', '$(touch x)', '`id`', 'back\\slash', '\\n', 'a\rb', 'tab\there', 'ÿ', '1\n0', '*', '!', '(', ' ']
const HELLO = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'

let root = ''
let busybox: string | undefined
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'chaos-facts-'))
  if (!isMissing(['busybox'])) busybox = busyboxTools(root)
  mkdirSync(join(root, 'tree', 'sub'), { recursive: true })
  for (const name of HOSTILE) writeFileSync(join(root, 'tree', name), 'hello')
  symlinkSync('to\nnowhere ', join(root, 'tree', 'dangling'))
  symlinkSync('tree', join(root, 'alias'))
  symlinkSync('loop', join(root, 'loop'))
  execFileSync('mkfifo', [join(root, 'pipe')])
  writeFileSync(join(root, 'suid'), '')
  chmodSync(join(root, 'suid'), 0o4751)
  mkdirSync(join(root, 'closed', 'in'), { recursive: true })
  writeFileSync(join(root, 'closed', 'file'), '')
  symlinkSync('closed/in', join(root, 'into'))
  writeFileSync(join(root, 'unreadable'), 'x')
  chmodSync(join(root, 'unreadable'), 0o000)
  chmodSync(join(root, 'closed'), 0o600)
  chmodSync(root, 0o755)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const KINDS = [...SHELLS.map((each) => ({ ...each, tools: 'GNU' })), { name: 'busybox', shell: ['busybox', 'sh'], tools: 'busybox' }] as const

for (const { name, shell, tools } of KINDS) {
  describe.skipIf(isMissing(shell))(`in ${name} with ${tools} tools (skipped where it is not installed)`, () => {
    const host = (uid?: number) => realHost({ shell, ...(tools === 'busybox' && busybox ? { path: busybox } : {}), ...(uid === undefined ? {} : { uid }) })
    const at = (...parts: string[]) => join(root, ...parts)

    test('stat tells type, mode, owner, size and target of each of many entries in one command', async () => {
      const here = host()
      const names = ['tree', 'suid', 'pipe', 'loop', 'alias', 'nothing', 'suid/below', 'alias/sub', 'loop/x', 'tree/dangling']
      const found = await Promise.all([...names.map((each) => at(each)), ...HOSTILE.map((each) => at('tree', each)), '/dev/null'].map((path) => here.fact(facts.stat(path))))
      expect(found.slice(0, 10).map((each) => each && [each.type, each.target])).toEqual([
        ['directory', undefined], ['file', undefined], ['fifo', undefined], ['link', 'loop'], ['link', 'tree'], null, null, ['directory', undefined], null, ['link', 'to\nnowhere '],
      ])
      expect(found[1]).toMatchObject({ mode: '4751', uid: 0, user: 'root', group: 'root', size: 0 })
      expect(found.slice(10, -1).map((each) => [each?.type, each?.size])).toEqual(HOSTILE.map(() => ['file', 5]))
      expect(found.at(-1)?.type).toBe('character')
      expect(here.commands).toBe(1)
    })

    test('sha256 reads regular files whatever their names, and never opens a pipe', async () => {
      const here = host()
      const hashes = await Promise.all([...HOSTILE.map((each) => at('tree', each)), at('pipe'), at('nothing'), at('tree'), at('tree/dangling'), '/dev/null'].map((path) => here.fact(facts.sha256(path))))
      expect(hashes).toEqual([...HOSTILE.map(() => HELLO), null, null, null, null, null])
    })

    test('content gives bytes, and null where there is no file', async () => {
      const here = host()
      expect(Buffer.from((await here.fact(facts.content(at('tree', 'a\nb'))))?.bytes ?? []).toString()).toBe('hello')
      expect(await here.fact(facts.content(at('nothing')))).toBe(null)
      expect(await here.fact(facts.content(at('pipe')))).toBe(null)
    })

    test('tree tells all that is below, with targets', async () => {
      const entries = await host().fact(facts.tree(at('tree')))
      expect(entries?.map(({ path }) => path).toSorted()).toEqual([...HOSTILE, 'dangling', 'sub'].toSorted())
      expect(entries?.find(({ path }) => path === 'dangling')?.target).toBe('to\nnowhere ')
      expect((await host().fact(facts.tree(at('alias'))))?.length).toBe(HOSTILE.length + 2)
      expect(await host().fact(facts.tree(at('nothing')))).toBe(null)
      expect(await host().fact(facts.tree(at('suid')))).toBe(null)
    })

    test.skipIf(process.getuid?.() !== 0)('what may not be looked at is an error, never "not there" (needs root to become another user)', async () => {
      const nobody = host(65534)
      expect(await nobody.fact(facts.stat(at('closed')))).toMatchObject({ type: 'directory' })
      expect(await nobody.fact(facts.stat(at('closed-not')))).toBe(null)
      await expect(nobody.fact(facts.stat(at('closed/file')))).rejects.toThrow('Permission denied')
      await expect(nobody.fact(facts.stat(at('closed/nothing')))).rejects.toThrow('Permission denied')
      await expect(nobody.fact(facts.stat(at('into/nothing')))).rejects.toThrow('Permission denied')
      await expect(nobody.fact(facts.sha256(at('closed/file')))).rejects.toThrow('Permission denied')
      await expect(nobody.fact(facts.sha256(at('unreadable')))).rejects.toThrow('Permission denied')
      await expect(nobody.fact(facts.content(at('closed/file')))).rejects.toThrow('Permission denied')
      await expect(nobody.fact(facts.content(at('unreadable')))).rejects.toThrow(/exit code/)
      await expect(nobody.fact(facts.tree(at('closed')))).rejects.toThrow(/exit code/)
    })
  })
}
