import { revealSecret, secret } from '@chaos/core'
import { describe, expect, it } from 'vitest'
import { decryptSops, encryptSops, inspectSops, isSops, rekeySops } from '../src/index.ts'
import { OTHER, OTHER_RECIPIENT, ROPS, ROPS_RECIPIENT, age, failureOf, keysOf, shown } from './support.ts'

const CANARY = 'CaNaRy-7391'
const options = { file: 'secrets.yaml', groups: [age(ROPS_RECIPIENT)] }
const good = await encryptSops(`a: ${CANARY}-a\nb: ${CANARY}-b\nn: 5\nlist: [${CANARY}-c, ${CANARY}-d]\nclear_unencrypted: here\n`, options)
const value = (key: string) => new RegExp(`^${key}: (ENC.*)$`, 'm').exec(good)?.[1] ?? ''

/** Fails with the code, and shows nobody what was in the file. */
async function mustBeRefused(text: string, code: string, keys: object = keysOf(ROPS)) {
  const error = await failureOf(async () => decryptSops(text, { file: 'secrets.yaml', ...keys }))
  expect(error.code).toBe(code)
  expect(error.message).toMatch(/^(secrets\.yaml|age identities): \S/)
  expect(error.hint).toBeTruthy()
  expect(shown(error)).not.toContain(CANARY)
  expect(shown(error)).not.toContain(revealSecret(ROPS).slice(20, 40))
  return error
}

describe('a file that was changed is refused', () => {
  it('one value taken from another place', async () => {
    const error = await mustBeRefused(good.replace(value('a'), value('b')), 'SOPS_VALUE')
    expect(error.message).toContain('the value of a ')
    expect(error.details).toMatchObject({ path: ['a'], problem: 'key' })
  })

  it('one sign of a value', async () => {
    const changed = value('a').replace(/data:(.)/, (_all, sign: string) => `data:${sign === 'A' ? 'B' : 'A'}`)
    await mustBeRefused(good.replace(value('a'), changed), 'SOPS_VALUE')
  })

  it('items of a list that changed places, which share a path', async () => {
    const [c = '', d = ''] = [...good.matchAll(/"(ENC\[[^"]*\])"/g)].map((each) => each[1])
    await mustBeRefused(good.replace(c, '<c>').replace(d, c).replace('<c>', d), 'SOPS_MAC')
  })

  it('what is in clear, a key that is gone, the time of the last change', async () => {
    await mustBeRefused(good.replace('clear_unencrypted: here', 'clear_unencrypted: there'), 'SOPS_MAC')
    await mustBeRefused(good.replace(/^b: .*\n/m, ''), 'SOPS_MAC')
    await mustBeRefused(good.replace(/lastmodified: "\d{4}/, 'lastmodified: "1999'), 'SOPS_MAC')
  })

  it('the seal of another file, and none', async () => {
    const other = await encryptSops('a: x\n', options)
    await mustBeRefused(good.replace(/mac: ENC.*/, /mac: ENC.*/.exec(other)?.[0] ?? ''), 'SOPS_MAC')
    await mustBeRefused(good.replace(/ +mac: ENC.*\n/, ''), 'SOPS_MAC')
  })

  it('a value in clear where it should be encrypted', async () => {
    expect((await mustBeRefused(good.replace(value('a'), `${CANARY}-clear`), 'SOPS_VALUE')).details).toMatchObject({ path: ['a'], problem: 'form' })
    await mustBeRefused(good.replace(value('n'), '5'), 'SOPS_VALUE')
    await mustBeRefused(good.replace(value('a'), 'ENC[AES256_GCM,data:eA==,iv:eA==,tag:eA==,type:str]'), 'SOPS_VALUE')
    await mustBeRefused(good.replace(value('a'), value('a').replace(',tag:', ',gat:')), 'SOPS_VALUE')
  })

  it('a type that the value is none of, or that there is not', async () => {
    expect((await mustBeRefused(good.replace(value('a'), value('a').replace('type:str', 'type:int')), 'SOPS_VALUE')).details).toMatchObject({ problem: 'type' })
    await mustBeRefused(good.replace(value('a'), value('a').replace('type:str', 'type:magic')), 'SOPS_VALUE')
  })

  it('also when it is to be re-keyed', async () => {
    const changed = good.replace('clear_unencrypted: here', 'clear_unencrypted: there')
    expect((await failureOf(async () => rekeySops(changed, { groups: [age(OTHER_RECIPIENT)] }, { file: 'secrets.yaml', ...keysOf(ROPS) }))).code).toBe('SOPS_MAC')
  })
})

describe('a file that is not whole is refused', () => {
  it('wherever it was cut off', async () => {
    const allowed = new Set(['SOPS_NOT_SOPS', 'SOPS_METADATA', 'SOPS_MAC', 'SOPS_NO_KEY', 'SOPS_VALUE', 'SOPS_SYNTAX'])
    // From where nothing but `version` is lost, it is whole.
    const end = good.indexOf('    unencrypted_suffix')
    for (let length = 0; length < end; length += 37) {
      const error = await failureOf(async () => decryptSops(good.slice(0, length), { file: 'secrets.yaml', ...keysOf(ROPS) }))
      expect(allowed, `cut at ${length}`).toContain(error.code)
      expect(shown(error)).not.toContain(CANARY)
    }
  })

  it('without metadata', async () => {
    await mustBeRefused('a: x\n', 'SOPS_NOT_SOPS')
    await mustBeRefused('', 'SOPS_NOT_SOPS')
    expect(isSops('a: x\n', { file: 'a.yaml' })).toBe(false)
    expect(isSops(good, { file: 'a.yaml' })).toBe(true)
  })

  it.each([
    ['sops: x\n', 'no map'], ['sops: {}\n', 'nobody'], ['sops: {age: [x]}\n', 'no enc'], ['sops: {age: [{enc: x}]}\n', 'lastmodified is missing'],
    ['sops: {age: [{enc: x}], lastmodified: yesterday}\n', 'no time'], ['sops: {key_groups: [{}], lastmodified: x}\n', 'empty'], ['sops: {key_groups: 5}\n', 'no list'],
    ['sops: {age: [{enc: x}], lastmodified: "2024-01-01T00:00:00Z", encrypted_regex: [a]}\n', 'no text'],
    ['sops: {key_groups: [{age: [{enc: x}]}, {age: [{enc: x}]}], lastmodified: "2024-01-01T00:00:00Z", shamir_threshold: 3}\n', 'shamir_threshold'],
  ])('with metadata that is odd: %s', async (text, why) => {
    expect((await mustBeRefused(text, 'SOPS_METADATA')).message).toContain(why)
  })

  it('with two rules at once, and with a rule that cannot be kept to', async () => {
    await mustBeRefused(good.replace('unencrypted_suffix: _unencrypted', 'unencrypted_suffix: _unencrypted\n    encrypted_regex: x'), 'SOPS_METADATA')
    await mustBeRefused(good.replace('unencrypted_suffix: _unencrypted', 'encrypted_regex: (?!x)'), 'SOPS_REGEX')
  })
})

describe('text that is no good YAML or JSON is refused, and not quoted', () => {
  it.each([
    [`a: "${CANARY}\n`, 'SOPS_SYNTAX'], [`a: ${CANARY}: x: y\n`, 'SOPS_SYNTAX'], [`a: [${CANARY}\n`, 'SOPS_SYNTAX'], [`\t${CANARY}: x`, 'SOPS_SYNTAX'],
    [`a: x\na: ${CANARY}\n`, 'SOPS_DUPLICATE_KEY'], ['a: {b: 1, b: 2}\n', 'SOPS_DUPLICATE_KEY'], ['a: 1\n---\nb: 2\n', 'SOPS_UNSUPPORTED'], ['- a\n', 'SOPS_UNSUPPORTED'],
    [`${CANARY}\n`, 'SOPS_UNSUPPORTED'], ['a: &x 1\nb: *x\n', 'SOPS_UNSUPPORTED'], ['a: !!binary eA==\n', 'SOPS_UNSUPPORTED'], ['1: x\n', 'SOPS_UNSUPPORTED'], ['~: x\n', 'SOPS_UNSUPPORTED'],
    ['{a: 1}: x\n', 'SOPS_UNSUPPORTED'], ['a: 18446744073709551615\n', 'SOPS_UNSUPPORTED'], ['<<: *x\n', 'SOPS_UNSUPPORTED'], [`a: ${'['.repeat(20_000)}`, 'SOPS_UNSUPPORTED'],
    [`a: ${'x'.repeat(9 * 1024 * 1024)}`, 'SOPS_TOO_LARGE'],
  ])('YAML: %#', async (text, code) => {
    await mustBeRefused(text, code)
  })

  it.each([
    [`{"a": "${CANARY}`, 'SOPS_SYNTAX'], [`{"a": ${CANARY}}`, 'SOPS_SYNTAX'], ['{"a": 1,}', 'SOPS_SYNTAX'], ['{"a": 1} x', 'SOPS_SYNTAX'], ['{"a" 1}', 'SOPS_SYNTAX'], ['{"a": 01}', 'SOPS_SYNTAX'],
    ['{"a": "\n"}', 'SOPS_SYNTAX'], ['', 'SOPS_SYNTAX'], ['[1]', 'SOPS_UNSUPPORTED'], ['"x"', 'SOPS_UNSUPPORTED'], ['{"a": 1, "a": 2}', 'SOPS_DUPLICATE_KEY'], [`{"a":${'['.repeat(20_000)}`, 'SOPS_UNSUPPORTED'],
  ])('JSON: %#', async (text, code) => {
    const error = await failureOf(async () => decryptSops(text, { file: 'a.json', ...keysOf(ROPS) }))
    expect(error.code).toBe(code)
    expect(shown(error)).not.toContain(CANARY)
  })

  it('with the line where it is', async () => {
    expect((await failureOf(async () => encryptSops('a: 1\nb: 2\na: 3\n', options))).position).toEqual({ file: 'secrets.yaml', line: 3, column: 1 })
    expect((await failureOf(async () => encryptSops('{\n  "a": x\n}', { ...options, file: 'a.json' }))).position).toEqual({ file: 'a.json', line: 2, column: 8 })
  })
})

describe('nobody is told more than that it does not open', () => {
  it('with another identity, with none, with rubbish', async () => {
    const error = await mustBeRefused(good, 'SOPS_NO_KEY', keysOf(OTHER))
    expect(error.details).toMatchObject({ keys: [{ kind: 'age', id: ROPS_RECIPIENT }], reasons: [`${ROPS_RECIPIENT}: none of 1 identities fits`] })
    await mustBeRefused(good, 'SOPS_NO_KEY', {})
    await mustBeRefused(good, 'SOPS_NO_KEY', { identities: [] })
    await mustBeRefused(good, 'SOPS_IDENTITY', keysOf(secret(`AGE-SECRET-KEY-${CANARY}`)))
  })

  it('when an identity of another kind might open it, by name; one that does opens it beside such', async () => {
    const ssh = secret('-----BEGIN OPENSSH PRIVATE KEY-----\nx')
    const plugin = secret(`# of a token\nAGE-PLUGIN-YUBIKEY-1${CANARY}`)
    expect((await mustBeRefused(good, 'SOPS_KEY_KIND', keysOf(ssh))).details).toMatchObject({ kinds: ['age (ssh)'] })
    expect((await mustBeRefused(good, 'SOPS_KEY_KIND', keysOf(plugin, OTHER))).details).toMatchObject({ kinds: ['age (plugin)'] })
    expect((await decryptSops(good, { file: 'a.yaml', ...keysOf(plugin, ssh, ROPS) })).metadata.groups).toHaveLength(1)
  })

  it('when a key of another kind might open it, by name', async () => {
    const kms = good.replace(/ {4}age:\n[^]*?recipient: .*\n/, '    kms:\n        - arn: arn:aws:kms:us-east-1:1:key/x\n          created_at: "2024-01-01T00:00:00Z"\n          enc: eA==\n          context:\n            app: web\n')
    expect((await mustBeRefused(kms, 'SOPS_KEY_KIND')).details).toMatchObject({ kinds: ['kms'], keys: [{ kind: 'kms', id: 'arn:aws:kms:us-east-1:1:key/x' }] })
    expect(inspectSops(kms, { file: 'a.yaml' }).groups[0]?.[0]?.fields).toMatchObject({ context: { app: 'web' } })
  })
})

describe('what cannot be kept is refused before anything is written', () => {
  it('a text that is encrypted already, or is no Unicode', async () => {
    expect((await failureOf(async () => encryptSops(good, options))).code).toBe('SOPS_ALREADY')
    expect((await failureOf(async () => encryptSops('{"a": "\\ud800"}', { ...options, file: 'a.json' }))).code).toBe('SOPS_TEXT')
  })

  it('a format that is not known', async () => {
    expect((await failureOf(async () => encryptSops('A=1', { ...options, file: 'x.env' }))).code).toBe('SOPS_FORMAT')
    expect(await encryptSops('a: 1', { ...options, file: 'x.env', format: 'yaml' })).toContain('sops:')
  })

  it('NUL, line ends and bytes of any kind come through', async () => {
    const value = `${CANARY}\0\n\r\n\u2028\u0085\t "' #: \\`
    const text = await encryptSops(JSON.stringify({ a: value }), { ...options, file: 'a.json' })
    const file = await decryptSops(text, { file: 'a.json', ...keysOf(ROPS) })
    expect(file.plain()).toEqual({ a: value })
    const secrets = file.secrets() as { a: ReturnType<typeof secret> }
    expect(revealSecret(secrets.a)).toBe(value)
    expect(JSON.stringify(secrets)).toBe('{"a":"***"}')
  })
})
