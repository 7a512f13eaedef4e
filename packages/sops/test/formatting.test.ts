import { revealSecret, secret } from '@chaos/core'
import { describe, expect, it } from 'vitest'
import { decryptSops, editSops, encryptSops, setValue } from '../src/index.ts'
import { ROPS, ROPS_RECIPIENT, age, failureOf, keysOf } from './support.ts'

const yaml = { file: 'secrets.yaml', groups: [age(ROPS_RECIPIENT)] }
const json = { file: 'secrets.json', groups: [age(ROPS_RECIPIENT)] }
const opened = async (text: string, file = 'secrets.yaml') => revealSecret((await decryptSops(text, { file, ...keysOf(ROPS) })).text)
/** What is left when ciphertexts and metadata are taken out. */
const shape = (text: string) => text.replace(/ENC\[AES256_GCM,[^\]]*type:(\w+)\]/g, '<$1>').replace(/\n\s*"?sops"?:[^]*/, '\n')

const SAMPLE = `# who may log in
---
users:   # all of them
  - name: ana     # the first
    password:   "p\\u00e4ss: w#rd"   # changed in May
    age: 37
    admin: true
    note:


  -   name: 'bob'
      ratio: 1.50
      since: 2024-02-29
      keys: [a, "b, c", { d: e }]   # behind a list
      key: |
        -----BEGIN-----

        line
        -----END-----
      folded: >-
        one
        two

  # after a blank line
"quoted key": 0o17
public_unencrypted: {stays: here}
empty: ""
# foot
`

describe('YAML stays as it was written', () => {
  it('around what is encrypted: order, indents, blank lines, quotes of keys', async () => {
    const encrypted = await encryptSops(SAMPLE, yaml)
    expect(shape(encrypted)).toBe(`#<comment>
---
users:   #<comment>
  - name: <str>     #<comment>
    password:   <str>   #<comment>
    age: <int>
    admin: <bool>
    note:


  -   name: <str>
      ratio: <float>
      since: <time>
      keys: ["<str>", "<str>", { d: "<str>" }]   #<comment>
      key: <str>
      folded: <str>

  #<comment>
"quoted key": <int>
public_unencrypted: {stays: here}
empty: ""
#<comment>
`)
  })

  it('and around what is decrypted', async () => {
    const plain = await opened(await encryptSops(SAMPLE, yaml))
    expect(plain).toBe(SAMPLE.replace('"p\\u00e4ss: w#rd"', '"päss: w#rd"').replace("'bob'", 'bob').replace('1.50', '1.5').replace('2024-02-29', '2024-02-29T00:00:00Z').replace('0o17', '15')
      .replace('>-\n        one\n        two', 'one two'))
  })

  it('with the metadata before the end that is marked, and with Windows line ends', async () => {
    const marked = await encryptSops('a: x\n...\n', yaml)
    expect(marked).toMatch(/^a: ENC.*\nsops:\n[^]*\n\.\.\.\n$/)
    expect(await opened(marked)).toBe('a: x\n...\n')
    expect(await opened(await encryptSops('a: x\r\nb: "y z"\r\n# c\r\n', yaml))).toBe('a: x\r\nb: y z\r\n# c\r\n')
  })

  it('without anything in it but comments, or nothing at all', async () => {
    for (const plain of ['', '# nothing yet\n', '{}\n']) expect(await opened(await encryptSops(plain, yaml))).toBe(plain)
  })

  it('in braces', async () => {
    const encrypted = await encryptSops('{a: x, b: [1, 2]}\n', yaml)
    expect(encrypted).toMatch(/^\{a: "ENC\[.*type:str\]", b: \["ENC\[.*\]", "ENC\[.*\]"\], "sops": \{.*\}\}\n$/)
    expect(await opened(encrypted)).toBe('{a: x, b: [1, 2]}\n')
  })
})

describe('JSON stays as it was written', () => {
  it.each(['{\n  "a": "x",\n  "b": [1, 2.5, true, null, {}]\n}\n', '{"a":"x","b":[]}', '{\n\t"a": "\\u00e4\\/"\n}', '{ }', '{"a" : 1 , "c":{"d":"e"} }\n'])('%j', async (plain) => {
    const encrypted = await encryptSops(plain, json)
    expect(JSON.parse(encrypted)).toHaveProperty('sops.mac')
    expect(JSON.parse(await opened(encrypted, 'secrets.json'))).toEqual(JSON.parse(plain))
    expect((await opened(encrypted, 'secrets.json')).replace(/\s/g, '')).toBe(plain.replace('\\u00e4\\/', 'ä/').replace(/\s/g, ''))
  })

  it('indented as the file is', async () => {
    expect(await encryptSops('{\n    "a": ""\n}\n', json)).toMatch(/^\{\n {4}"a": "",\n {4}"sops": \{\n {8}"age": \[\n {12}\{\n {16}"enc"[^]*\n {4}\}\n\}\n$/)
  })
})

describe('an edit', () => {
  const before = 'a: one\nb:\n  - two\n  - two\n  - 3\nc: four # why\n'

  it('leaves the ciphertext of what stays, also in a list that got longer and where comments moved', async () => {
    const encrypted = await encryptSops(before, yaml)
    const after = await editSops(encrypted, 'new: x\na: one\nb:\n  - two\n  - 2\n  - two\n  - two\n  - 3\n# why\nc: five\n', { ...yaml, ...keysOf(ROPS) })
    const old = encrypted.split('\n').flatMap((line) => /ENC\[.*\]/.exec(line.replace(/ #.*/, ''))?.[0] ?? []).slice(0, 5)
    const now = new Set(after.match(/ENC\[[^\]]*\]/g))
    expect(old.map((each) => now.has(each))).toEqual([true, true, true, true, false])
    expect(after).toContain(`#${/#(ENC\[[^\]]*comment\])/.exec(encrypted)?.[1]}`)
    expect(await opened(after)).toBe('new: x\na: one\nb:\n  - two\n  - 2\n  - two\n  - two\n  - 3\n# why\nc: five\n')
  })

  it('that changes nothing gives the same file, byte by byte', async () => {
    const encrypted = await encryptSops(SAMPLE, yaml)
    expect(await editSops(encrypted, await opened(encrypted), { ...yaml, ...keysOf(ROPS) })).toBe(encrypted)
  })

  it('keeps the rules and the recipients of the file', async () => {
    const encrypted = await encryptSops('a: x\nb: y\n', { ...yaml, rules: { encrypted_regex: '^a$', mac_only_encrypted: true } })
    const after = await editSops(encrypted, 'a: z\nb: y\n', { ...yaml, ...keysOf(ROPS) })
    expect(shape(after)).toBe('a: <str>\nb: y\n')
    expect(after).toContain('    encrypted_regex: ^a$\n')
    expect(after).toContain('    mac_only_encrypted: true\n')
    expect(/age:[^]*?END AGE/.exec(after)?.[0]).toBe(/age:[^]*?END AGE/.exec(encrypted)?.[0])
  })
})

describe('a value is set in a text in clear', () => {
  const set = (plain: string, path: (string | number)[], value: Parameters<typeof setValue>[2], file = 'a.yaml') => revealSecret(setValue(plain, path, value, { file }))

  it.each<[string, (string | number)[], string | number | boolean, string]>([
    ['a: 1 # c\nb: 2\n', ['a'], 'x', 'a: x # c\nb: 2\n'],
    ['a: 1\n', ['b'], '5', 'a: 1\nb: "5"\n'],
    ['a: 1\n', ['b', 'c', 'd'], true, 'a: 1\nb:\n    c:\n        d: true\n'],
    ['a:\n  b: 1\nc: 2\n', ['a', 'd'], 'x\ny\n', 'a:\n  b: 1\n  d: |\n    x\n    y\nc: 2\n'],
    ['a:\n- 1\n- 2\n', ['a', 2], 3, 'a:\n- 1\n- 2\n- 3\n'],
    ['a:\n- 1\n', ['a', 0], 'x', 'a:\n- x\n'],
    ['a:\nb: 1\n', ['a'], 'x', 'a: x\nb: 1\n'],
    ['a:\nb: 1\n', ['a', 'c'], 'x', 'a: {"c":"x"}\nb: 1\n'],
    ['{a: , b}\n', ['b'], 'x', '{a: , b: x}\n'],
    ['a: {}\n', ['a', 'b'], 'x', 'a: {"b": "x"}\n'],
    ['a: [1]', ['a', 1], 1.5, 'a: [1, 1.5]'],
    ['', ['a'], 'x', 'a: x\n'],
    ['# c\n', ['a b: c'], 'x', '# c\n"a b: c": x\n'],
    ['a: |\n  x\n', ['b'], 'z', 'a: |\n  x\nb: z\n'],
  ])('%j at %j', (plain, path, value, expected) => expect(set(plain, path, value)).toBe(expected))

  it('in JSON', () => {
    expect(set('{\n  "a": 1\n}\n', ['b', 'c'], 'x', 'a.json')).toBe('{\n  "a": 1,\n  "b": {\n    "c": "x"\n  }\n}\n')
    expect(set('{"a":[]}', ['a', 0], 'x', 'a.json')).toBe('{"a":["x"]}')
  })

  it('from a secret, which no error shows', async () => {
    expect(set('a: 1\n', ['a'], secret('s: #'))).toBe('a: "s: #"\n')
    const error = await failureOf(() => setValue(secret('a:\n  b: 1\n'), ['a'], secret('hidden'), { file: 'a.yaml' }))
    expect([error.code, JSON.stringify(error.details)]).toEqual(['SOPS_PATH', '{"file":"a.yaml","path":["a"]}'])
    expect(error.message).not.toContain('hidden')
  })

  it.each([[['a', 'b']], [['l', 5]], [['l', 'x']], [[0]], [['sops', 'mac']], [[]]])('not at %j, where something stands in the way', async (path) => {
    expect((await failureOf(() => setValue('a: 1\nl: [1]\n', path, 'x', { file: 'a.yaml' }))).code).toBe('SOPS_PATH')
  })
})

describe('a text that editors wrote in their own way', () => {
  it.each([['secrets.yaml', 'app:\n  - name: one\n    key: two\n'], ['secrets.json', '{"app": [{"name": "one", "key": "two"}]}\n']])('%s with a byte order mark and line ends of Windows is read again', async (file, text) => {
    const written = `\uFEFF${text.replaceAll('\n', '\r\n')}`
    const encrypted = await encryptSops(written, { ...yaml, file })
    const { text: again, plain } = await decryptSops(encrypted, { file, ...keysOf(ROPS) })
    expect([revealSecret(again), plain()]).toEqual([written.slice(1), { app: [{ name: 'one', key: 'two' }] }])
    // As another program may have left it.
    expect(await opened(`\uFEFF${encrypted}`, file)).toBe(written.slice(1))
    expect(await editSops(encrypted, `\uFEFF${revealSecret(again)}`, { file, ...keysOf(ROPS) })).not.toContain('\uFEFF')
  })

  it('gets its first value in front of the end of the document', async () => {
    const encrypted = await encryptSops('# nothing yet\n---\n...\n', yaml)
    const text = setValue(await opened(encrypted), ['app', 'key'], 'x', yaml)
    expect(revealSecret(text)).toBe('# nothing yet\n---\napp:\n    key: x\n...\n')
    expect(await opened(await encryptSops(text, yaml))).toBe(revealSecret(text))
  })

  it('that could not be read again once it is encrypted is refused', async () => {
    expect(await failureOf(() => encryptSops('a_unencrypted: canary \r\r', yaml))).toMatchObject({ code: 'SOPS_UNSUPPORTED', message: expect.not.stringContaining('canary') })
  })
})
