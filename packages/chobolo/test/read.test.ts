import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readChobolo } from '../src/index.ts'
import { parse, refused } from './helpers.ts'

describe('a file', () => {
  let folder: string
  beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'chobolo-')) })
  afterEach(() => rm(folder, { recursive: true }))

  test('is read, and its name is in positions', async () => {
    const file = join(folder, 'ch-obolo.yml')
    await writeFile(file, 'a: 1\nb:\n  c: 2\n')
    const chobolo = await readChobolo(file)
    expect(chobolo.raw).toEqual({ a: 1, b: { c: 2 } })
    expect(chobolo.position(['b', 'c'])).toEqual({ file, line: 3, column: 3 })
  })

  test('that is missing, a folder, not UTF-8 or too large says so', async () => {
    await expect(readChobolo(join(folder, 'no.yml'))).rejects.toMatchObject({ code: 'CHOBOLO_MISSING', hint: expect.stringContaining('init chobolo') as string })
    await expect(readChobolo(folder)).rejects.toMatchObject({ code: 'CHOBOLO_UNREADABLE', message: `Cannot read ${folder}: it is a folder.` })
    const bytes = join(folder, 'bytes.yml')
    await writeFile(bytes, Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe]))
    await expect(readChobolo(bytes)).rejects.toMatchObject({ code: 'CHOBOLO_UNREADABLE', hint: 'Save it as UTF-8.' })
    const large = join(folder, 'large.yml')
    await writeFile(large, `# ${'x'.repeat(8 * 1024 * 1024)}\n`)
    await expect(readChobolo(large)).rejects.toMatchObject({ code: 'CHOBOLO_INVALID', message: expect.stringContaining('at most 8') as string })
  })
})

describe('YAML', () => {
  test('is 1.2 core: what looks like 1.1 is a text', async () => {
    const { raw } = await parse('a: yes\nb: 0644\nc: 0o644\nd: ~\ne: 12:30:00\nf: 1_000\n8080: port\n"x y": 1.5\n')
    expect(raw).toEqual({ a: 'yes', b: 644, c: 0o644, d: null, e: '12:30:00', f: '1_000', 8080: 'port', 'x y': 1.5 })
  })

  test('keeps root keys in the order of the file', async () => {
    const chobolo = await parse('zebra: 1\nfleet: {}\napple: 2\n')
    expect(chobolo.keys).toEqual(['zebra', 'fleet', 'apple'])
    expect([chobolo.has('fleet'), chobolo.has('hosts'), chobolo.has('toString')]).toEqual([true, false, false])
  })

  test('may begin with a byte order mark and have Windows line ends', async () => {
    const chobolo = await parse('\uFEFFa: 1\r\nb:\r\n  - x\r\n')
    expect(chobolo.raw).toEqual({ a: 1, b: ['x'] })
    expect(chobolo.position(['a'])).toMatchObject({ line: 1, column: 1 })
    expect(chobolo.position(['b', 0])).toMatchObject({ line: 3, column: 5 })
  })

  test('gives the place of what is there, or of what would hold it', async () => {
    const chobolo = await parse('users:\n  - name: ana\n    groups: [a, b]\n')
    const at = (...path: (string | number)[]) => Object.values(chobolo.position(path)).slice(1)
    expect(at('users')).toEqual([1, 1])
    expect(at('users', 0, 'groups')).toEqual([3, 5])
    expect(at('users', 0, 'groups', 1)).toEqual([3, 17])
    expect(at('users', 0, 'shell', 'x')).toEqual([2, 5])
    expect(at('nothing')).toEqual([1, 1])
  })

  test('carries aliases and merge keys out; what is written in the map wins', async () => {
    const { raw } = await parse('base: &b { x: 1, y: 1 }\nmore: &m { y: 2, z: 2 }\none: { <<: *b, y: 3 }\ntwo: { <<: [*m, *b] }\nlist: [*b]\nquoted: { "<<": 1 }\n')
    expect(raw).toMatchObject({ one: { x: 1, y: 3 }, two: { x: 1, y: 2, z: 2 }, list: [{ x: 1, y: 1 }], quoted: { '<<': 1 } })
  })

  test('tells several errors at once, with their places', async () => {
    expect(await refused(parse('a: 1\nb:\n\t- x\nc: "open\n'))).toEqual([
      '3:1 YAML_TAB_AS_INDENT Tabs are not allowed as indentation. Indent with spaces.',
      '5:1 YAML_MISSING_CHAR Missing closing "quote. Close what was opened: a quote, a bracket, or put a colon and a space after the key.',
    ])
  })

  test.each([
    ['a: 1\nb: 2\na: 3\n', ['3:1 YAML_DUPLICATE_KEY The key `a` is here twice; the first is at 1:1. Put both together, or remove one.']],
    ['a: 1\n---\nb: 2\n', ['2:1 YAML_MULTIPLE_DOCS A Ch-obolo is one YAML document, and here a second one begins. Remove the line "---", or put the rest in a file of its own.']],
    ['', ['1:1 CHOBOLO_EMPTY The Ch-obolo is empty. `chaos init chobolo --template` prints one to begin with.']],
    ['# only a comment\n', ['1:1 CHOBOLO_EMPTY The Ch-obolo is empty. `chaos init chobolo --template` prints one to begin with.']],
    ['- a\n', ['1:1 CHOBOLO_ROOT A Ch-obolo is a map of keys, and this is a list. Begin with a key: `files:`, and its value below it.']],
    ['a: *x\n', ['1:4 YAML_ALIAS The alias *x has no anchor &x before it. Put the value in quotes if the * belongs to it.']],
    ['a: &a [*a]\n', ['1:8 YAML_ALIAS The alias *a stands inside of what it names. Remove it: it would never end.']],
    ['a: !!binary aGk=\n', ['1:13 YAML_TAG The tag !!binary is not understood here. Remove it; texts, numbers, true, false, null, lists and maps are all there is.']],
    ['? [a]\n: b\n', ['1:3 YAML_KEY A key must be a text. Put it in quotes if it begins with one of [ { * or &.']],
    ['a: { __proto__: { b: 1 } }\n', ['1:6 YAML_KEY The key `__proto__` is refused. Give it another name.']],
    ['%YAML 1.1\n---\na: yes\n', ['1:1 YAML_VERSION A Ch-obolo is YAML 1.2, and this one says 1.1. Remove the %YAML line.']],
    ['a: { <<: 1 }\n', ['1:6 YAML_MERGE `<<` takes a map or a list of maps, and this is the number 1. Write `<<: *name`, where the anchor &name stands at a map.']],
    ['a: "\\ud800"\n', ['1:4 YAML_TEXT This text holds half of a surrogate pair, which is no character. Write the character itself, or its code as \\U0001F600.']],
  ])('refuses %j', async (text, problems) => {
    expect(await refused(parse(text))).toEqual(problems)
  })

  // One that went off would take all time and memory there is.
  test('refuses an alias bomb, a merge bomb, deep nesting and a large text at once', async () => {
    const levels = (make: (before: string) => string) => Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} ${make(`*l${i}`)}\n`).join('')
    expect(await refused(parse(`l0: &l0 x\n${levels((b) => `[${Array(9).fill(b).join(', ')}]`)}`))).toEqual([
      expect.stringMatching(/^7:\d+ YAML_ALIASES Aliases and merge keys make more than 100000 values/) as string,
    ])
    expect(await refused(parse(`l0: &l0 { x: 1 }\n${levels((b) => `{ <<: [${Array(5000).fill(b).join(', ')}] }`)}`))).toEqual([expect.stringContaining('YAML_ALIASES') as string])
    for (const deep of [`a: ${'['.repeat(20_000)}`, `a: ${'{a: '.repeat(20_000)}`, `a:\n${Array.from({ length: 500 }, (_, i) => `${' '.repeat(i + 1)}a:\n`).join('')}`, `a:\n  ${'- '.repeat(5000)}x`]) {
      expect((await refused(parse(deep)))[0]).toContain('YAML_DEPTH There are more than 100 maps and lists inside each other.')
    }
    expect(await refused(parse(`a: ${'x'.repeat(8 * 1024 * 1024)}`))).toEqual([expect.stringContaining('YAML_SIZE A Ch-obolo has at most 8 MB.') as string])
  })

  test('takes a depth of 100, and aliases count their depth', async () => {
    expect((await parse(`a: ${'['.repeat(98)}${']'.repeat(98)}`)).keys).toEqual(['a'])
    expect((await refused(parse(`a: &a ${'['.repeat(60)}${']'.repeat(60)}\nb: ${'['.repeat(60)}*a${']'.repeat(60)}`)))[0]).toContain('YAML_DEPTH')
  })

  // Each compared with each would take minutes.
  test('checks 40 000 keys of one map', { timeout: 60_000 }, async () => {
    expect((await parse(Array.from({ length: 40_000 }, (_, i) => `key${i}: ${i}\n`).join(''))).keys).toHaveLength(40_000)
  })
})
