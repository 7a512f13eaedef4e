import { mkdirSync, readFileSync, statSync, writeFileSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Op } from '@chaos/core'
import { files } from '../src/index.ts'
import { apply, diffOf, realHost } from './support/real-host.ts'
import { temporaryDirectories } from './support/temporary.ts'

const temporary = temporaryDirectories()

/** What a file holds after the operation; the operation must find nothing to do then. */
async function edited(before: string | undefined, make: (path: string) => Op): Promise<string> {
  const path = join(temporary(), 'f')
  if (before !== undefined) writeFileSync(path, before)
  await apply(make(path))
  expect(await apply(make(path))).toEqual([])
  return readFileSync(path, 'utf8')
}

test.each([
  [undefined, { line: 'a' }, 'a\n'],
  ['x\n', { line: 'a' }, 'x\na\n'],
  ['x', { line: 'a' }, 'x\na\n'],
  ['x\na', { line: 'a' }, 'x\na'],
  ['Port 1\n#Port 2\nx\n', { line: 'Port 22', match: '^#?Port ' }, 'Port 1\nPort 22\nx\n'],
  ['x\n', { line: 'Port 22', match: '^#?Port ' }, 'x\nPort 22\n'],
  ['a\nb\na\n', { line: 'a', present: false }, 'b\n'],
  ['a1\nb\n', { match: '^a', present: false }, 'b\n'],
])('line: %j with %j becomes %j', async (before, args, after) => {
  expect(await edited(before, (path) => files.line({ path, ...args }))).toBe(after)
})

test.each([
  [undefined, { content: 'a\nb' }, '# BEGIN chaos\na\nb\n# END chaos\n'],
  ['x', { content: 'a\n' }, 'x\n# BEGIN chaos\na\n# END chaos\n'],
  ['x\n# BEGIN chaos\nold\n# END chaos\ny\n', { content: 'new' }, 'x\n# BEGIN chaos\nnew\n# END chaos\ny\n'],
  ['x\n# BEGIN chaos\nold\n# END chaos\ny\n', { present: false }, 'x\ny\n'],
  ['a\nx\nb\nx\n', { content: '1', after: '^x' , marker: '// {mark} m' }, 'a\nx\nb\nx\n// BEGIN m\n1\n// END m\n'],
  ['a\nx\nb\nx\n', { content: '', before: '^x' }, 'a\n# BEGIN chaos\n# END chaos\nx\nb\nx\n'],
])('block: %j with %j becomes %j', async (before, args, after) => {
  expect(await edited(before, (path) => files.block({ path, ...args }))).toBe(after)
})

test.each([
  ['a.b a.b axb', { text: 'a.b', replace: '$1' }, '$1 $1 axb'],
  ['x=1\ny=2\n', { match: '^(\\w)=\\d$', replace: '$1 = 0' }, 'x = 0\ny = 0\n'],
])('replace: %j with %j becomes %j', async (before, args, after) => {
  expect(await edited(before, (path) => files.replace({ path, ...args }))).toBe(after)
})

test('a file keeps its mode when it is edited', async () => {
  const path = join(temporary(), 'f')
  writeFileSync(path, 'a\n')
  chmodSync(path, 0o640)
  await apply(files.line({ path, line: 'b' }))
  expect(statSync(path).mode & 0o777).toBe(0o640)
})

test('what is removed counts as a removal, and a missing file is left so', async () => {
  const path = join(temporary(), 'f')
  expect(await apply(files.line({ path, line: 'a', present: false }))).toEqual([])
  expect(await apply(files.block({ path, present: false }))).toEqual([])
  expect(await apply(files.replace({ path, text: 'a', replace: 'b' }))).toEqual([])
  writeFileSync(path, 'a\n')
  expect(await diffOf(files.line({ path, line: 'a', present: false }), realHost())).toMatchObject([{ removes: true, before: 'a\n', after: '' }])
})

test('what cannot come to rest, or cannot be edited, is an error', async () => {
  const directory = temporary()
  const path = join(directory, 'f')
  writeFileSync(path, 'a')
  await expect(apply(files.replace({ path, match: 'a', replace: 'aa' }))).rejects.toMatchObject({ code: 'REPLACE_NOT_STABLE' })
  expect(() => files.replace({ path, text: 'a', replace: 'aa' })).toThrow('each run would replace it again')
  expect(() => files.line({ path, line: 'a', match: 'b' })).toThrow('would not be found again')
  expect(() => files.line({ path, line: 'a\nb' })).toThrow('files.block takes several')
  expect(() => files.line({ path, match: '(', present: false })).toThrow('no regular expression')
  expect(() => files.block({ path, content: '# END chaos' })).toThrow('holds a marker line')
  writeFileSync(path, '# BEGIN chaos\nx\n')
  await expect(apply(files.block({ path, content: 'a' }))).rejects.toMatchObject({ code: 'BLOCK_OPEN' })
  writeFileSync(path, new Uint8Array([0xff, 0]))
  await expect(apply(files.line({ path, line: 'a' }))).rejects.toMatchObject({ code: 'FILE_NOT_EDITABLE' })
  mkdirSync(join(directory, 'd'))
  await expect(apply(files.line({ path: join(directory, 'd'), line: 'a' }))).rejects.toMatchObject({ code: 'FILE_WRONG_TYPE' })
})

const someText = fc.array(fc.constantFrom('a', 'b', '\n', 'é', ' ', "'", '\\', '$', '# BEGIN chaos\n', '# END chaos\n'), { maxLength: 12 }).map((parts) => parts.join(''))
const someLine = fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => text.replaceAll(/[\n\0]/g, ''))

test('line, block and replace come to rest after one run, whatever the file holds', async () => {
  const directory = temporary()
  const path = join(directory, 'f')
  await fc.assert(
    fc.asyncProperty(someText, someLine, someText, fc.constantFrom('line', 'absent', 'block', 'replace'), async (before, line, content, kind) => {
      writeFileSync(path, before)
      let op: Op
      try {
        if (kind === 'block') op = files.block({ path, content })
        else if (kind === 'replace') op = files.replace({ path, text: line || 'a', replace: content })
        else op = files.line({ path, line, present: kind === 'line' })
      } catch {
        return
      }
      const first = await apply(op).catch((error: { code?: string }) => error.code)
      const refused = first === 'BLOCK_OPEN' || first === 'REPLACE_NOT_STABLE'
      expect(refused ? [] : await apply(op)).toEqual([])
    }),
    { numRuns: 60 },
  )
})
