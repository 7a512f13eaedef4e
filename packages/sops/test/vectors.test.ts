import { revealSecret } from '@chaos/core'
import { afterAll, describe, expect, it } from 'vitest'
import { decryptSops, inspectSops } from '../src/index.ts'
import { decryptWithAge, readIdentities } from '../src/keys/age.ts'
import { decryptText } from '../src/value/cipher.ts'
import { FLUX, OTHER, PGP, ROPS, failureOf, gnupg, keysOf, missing, shown, vector } from './support.ts'

const read = async (name: string, keys: object) => {
  const file = await decryptSops(vector(name), { file: name, ...keys })
  return { text: revealSecret(file.text), plain: file.plain() }
}

describe('files that sops encrypted for age', () => {
  it('are read: texts, numbers, truth values, lists', async () => {
    const { text, plain } = await read('rops/age_example.yaml', keysOf(ROPS))
    expect(plain).toEqual({
      hello: 'Welcome to SOPS! Edit this file as you please!', example_key: 'example_value', example_array: ['example_value1', 'example_value2'],
      example_number: 1234.56789, example_booleans: [true, false],
    })
    expect(text).toBe('hello: Welcome to SOPS! Edit this file as you please!\nexample_key: example_value\nexample_array:\n- example_value1\n- example_value2\nexample_number: 1234.56789\nexample_booleans:\n- true\n- false\n')
  })

  it('are read with encrypted_regex', async () => {
    expect((await read('rops/age_encrypted_regex.yaml', keysOf(ROPS))).plain).toEqual({ a: { encrypted_1: { a: 'xxx', b: 'xxx' }, not_encrypted: 'aaa' }, b: 'aaa' })
  })

  it('are read with encrypted_suffix', async () => {
    expect((await read('rops/age_encrypted_suffix.yaml', keysOf(ROPS))).plain).toEqual({
      a: { '1_encrypted': { a: 'xxx', b: 'xxx' }, '2_plain': 'aaa', '3_nested_encrypted': { a: { i: 'xxx' }, b: { ii: 'xxx' } } }, b_encrypted: 'xxx',
    })
  })

  it('are read with unencrypted_regex', async () => {
    expect((await read('rops/age_unencrypted_regex.yaml', keysOf(ROPS))).plain).toEqual({ a: { unencrypted_1: { a: 'aaa', b: 'aaa', c: [123, 456] }, encrypted: 'xxx' }, b: 'xxx' })
  })

  it('are read with mac_only_encrypted, whatever became of what is not encrypted', async () => {
    const plain = { a_encrypted: 'xxx', b_unencrypted: { a: 'aaa', b: [123, 456] }, c_encrypted: 'xxx', d_unencrypted: 'aaa' }
    expect((await read('rops/age_mac_only_encrypted.yaml', keysOf(ROPS))).plain).toEqual(plain)
    const changed = vector('rops/age_mac_only_encrypted.yaml').replace('d_unencrypted: aaa', 'd_unencrypted: bbb')
    expect((await decryptSops(changed, { file: 'a.yaml', ...keysOf(ROPS) })).plain()).toEqual({ ...plain, d_unencrypted: 'bbb' })
  })

  it('are read with empty texts and nulls', async () => {
    expect(await read('rops/age_empty_value.yaml', keysOf(ROPS))).toEqual({
      text: "string_value: ''\nnull_value: null\narray_value:\n- ''\n- null\n", plain: { string_value: '', null_value: null, array_value: ['', null] },
    })
  })

  it('are read as Flux has them in Kubernetes', async () => {
    expect((await read('flux/age.yaml', keysOf(OTHER, FLUX))).text).toBe('apiVersion: v1\nkind: Secret\nmetadata:\n  name: age\nstringData:\n  key: value\n')
  })
})

describe('vectors of the parts', () => {
  it('a value of sops’ own test is decrypted, and not at another path', () => {
    const message = 'ENC[AES256_GCM,data:oYyi,iv:MyIDYbT718JRr11QtBkcj3Dwm4k1aCGZBVeZf0EyV8o=,tag:t5z2Z023Up0kxwCgw1gNxg==,type:str]'
    const key = Buffer.from('f'.repeat(32))
    expect(decryptText(message, key, 'bar:')).toEqual({ type: 'str', text: 'foo' })
    expect(decryptText(message, key, '')).toBe('key')
  })

  it('a data key of sops’ own test is decrypted with the identity that fits, among others', async () => {
    const { secret } = await import('@chaos/core')
    const identities = await readIdentities([secret('AGE-SECRET-KEY-1432K5YRNSC44GC4986NXMX6GVZ52WTMT9C79CLUVWYY4DKDHD5JSNDP4MC\nAGE-SECRET-KEY-1G0Q5K9TV4REQ3ZSQRMTMG8NSWQGYT0T7TZ33RAZEE0GZYVZN0APSU24RK7')])
    expect(identities[1]?.recipient).toBe('age1lzd99uklcjnc0e7d860axevet2cz99ce9pq6tzuzd05l5nr28ams36nvun')
    const encrypted = `-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBvY2t2NkdLUGRvY3l2OGNy
MVJWcUhCOEZrUG8yeCtnRnhxL0I5NFk4YjJFCmE4SVQ3MEdyZkFqRWpSa2F0NVhF
VDUybzBxdS9nSGpHSVRVMUI0UEVqZkkKLS0tIGJjeGhNQ0Y5L2VZRVVYSm90djFF
bzdnQ3UwTGljMmtrbWNMV1MxYkFzUFUK4xjOZOTGdcbzuwUY/zeBXhcF+Md3e5PQ
EylloI7MNGbadPGb
-----END AGE ENCRYPTED FILE-----`
    expect(Buffer.from((await decryptWithAge(encrypted, identities)) ?? []).toString()).toBe('data')
    expect(await decryptWithAge(encrypted, identities.slice(0, 1))).toBeUndefined()
  })
})

const noGpg = missing('gpg')
describe.skipIf(noGpg)(`files that sops encrypted for PGP${noGpg ? ` (${noGpg})` : ''}`, () => {
  const { run, remove } = noGpg ? { run: undefined as never, remove: () => {} } : gnupg(vector('sops/functional_tests_key.asc'))
  afterAll(remove)

  it('are read: sops’ example, with comments, blocks, nested maps and what stays in clear', async () => {
    const { text, plain } = await read('sops/example.yaml', { run })
    expect(plain).toMatchObject({
      myapp1: 't00m4nys3cr3tzupdated', app2: { db: { user: 'eve', password: 'c4r1b0u' } }, number: 1234568000,
      an_array: ['secretuser1', 'secretuser2', `somelongvalue${'A'.repeat(45)}`, 'some other value'], somebooleans: [true, false],
      this: { is: { a: { nested: { value: 'with something secret in it' } } } }, nested_unencrypted: { this: { is: { all: 'going to remain in clear text' } } },
    })
    expect(text).toContain('        password: c4r1b0u\n        # private key for secret operations in app2\n    key: |\n        -----BEGIN RSA PRIVATE KEY-----\n')
    expect(text).toContain('                # sops supports unencrypted fields\n                # by adding the `_unencrypted` suffix\n                # to any key\nsomelist_unencrypted:\n- all elements')
  })

  it('are read with comments, encrypted and not', async () => {
    expect((await read('sops/comments.enc.yaml', { run })).text).toBe('# first comment in file\nlorem: ipsum\n# this-is-a-comment\ndolor: sit\n')
    expect((await read('sops/comments_unencrypted_comments.yaml', { run })).text).toBe('lorem: ipsum\n# this-is-a-comment\ndolor: sit\n')
  })

  it('are read as sops 3.13 writes them, in YAML and JSON', async () => {
    expect((await read('sops/format.enc.yaml', { run })).text).toBe('foo: bar\n')
    expect((await read('sops/format.enc.json', { run })).text).toBe('{\n\t"foo": "bar"\n}\n')
    expect(inspectSops(vector('sops/format.enc.json'), { file: 'a.json' })).toMatchObject({ groups: [[{ kind: 'pgp', id: PGP }]], lastModified: '2026-05-22T20:16:18Z', version: '3.13.1' })
  })

  it('are refused where what is in clear was changed, as it was in sops’ example by hand', async () => {
    const changed = vector('sops/example.yaml').replace('because of the _encrypted suffix', 'because of the _unencrypted suffix')
    const error = await failureOf(async () => decryptSops(changed, { file: 'example.yaml', run }))
    expect(error.code).toBe('SOPS_MAC')
    expect(shown(error)).not.toMatch(/c4r1b0u|t00m4nys3cr3tz|eve/)
  })

  it('are refused without a seal', async () => {
    expect((await failureOf(async () => decryptSops(vector('sops/no_mac.yaml'), { file: 'no_mac.yaml', run }))).code).toBe('SOPS_MAC')
  })
})
