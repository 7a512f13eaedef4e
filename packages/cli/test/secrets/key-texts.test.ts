import { spawnSync } from 'node:child_process'
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { revealSecret, secret } from '@chaos/core'
import { newIdentity } from '@chaos/sops'
import { checkedAgeText, readAgeText } from '../../src/secrets/keys/age-text.ts'
import { decodeBase85, encodeBase85 } from '../../src/secrets/keys/base85.ts'
import { readGpgText, writeGpgText } from '../../src/secrets/keys/gpg-text.ts'
import { mayBeImported, withoutImport } from '../../src/secrets/keys/key-type.ts'
import { keyReference } from '../../src/secrets/keys/reference.ts'
import { readVaultText, writeVaultText } from '../../src/secrets/keys/vault-text.ts'

const bytes = fc.uint8Array({ maxLength: 300 })
const FINGERPRINT = '0123456789ABCDEF0123456789ABCDEF01234567'
const BEGIN = '-----BEGIN PGP PRIVATE KEY BLOCK-----'
const END = '-----END PGP PRIVATE KEY BLOCK-----'

describe('base85', () => {
  it('gives back every bytes', () => {
    fc.assert(fc.property(bytes, (each) => {
      expect(decodeBase85(encodeBase85(each))).toEqual(Buffer.from(each))
    }))
  })

  it('has no bytes for what is none, and never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void decodeBase85(text)))
    expect(['~~~~~', 'a', 'ab c1', '"aaaa'].map(decodeBase85)).toEqual([undefined, undefined, undefined, undefined])
  })

  const noPython = spawnSync('python3', ['--version']).error ? ' (needs python3)' : ''
  it.skipIf(noPython)(`is that of Python, with which the stored text is written${noPython}`, () => {
    const binary = Buffer.from(Array.from({ length: 1021 }, (_, index) => (index * index) % 256))
    const python = 'import base64,sys,zlib;t=base64.b85encode(zlib.compress(sys.stdin.buffer.read())).decode();print(t.translate(str.maketrans("$;|&{", ".,[]:")),end="")'
    const { stdout } = spawnSync('python3', ['-c', python], { input: binary, encoding: 'utf8' })
    expect(readGpgText(`# fingerprints: ['${FINGERPRINT}']\n${BEGIN}\n\n${stdout}\n${END}\n`, 'it')).toEqual({ fingerprints: [FINGERPRINT], binary })
    const back = 'import base64,sys,zlib;sys.stdout.buffer.write(zlib.decompress(base64.b85decode(sys.stdin.read().translate(str.maketrans(".,[]:", "$;|&{")))))'
    const body = writeGpgText({ fingerprints: [], binary }).split('\n')[3] ?? ''
    expect(spawnSync('python3', ['-c', back], { input: body }).stdout).toEqual(binary)
  })
})

describe('the text of a gpg key', () => {
  it('gives back what was written, also with NO-IMPORT, other line ends and indented', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 2000 }), fc.boolean(), (binary, marked) => {
      const text = writeGpgText({ fingerprints: [FINGERPRINT], binary })
      expect(text.split('\n')[3]).not.toMatch(/[$;|&{]/)
      const stored = marked ? withoutImport(text) : text
      for (const each of [stored, stored.replaceAll('\n', '\r\n'), stored.replace(/^#/gm, ' #')]) {
        expect(readGpgText(each, 'it')).toEqual({ fingerprints: [FINGERPRINT], binary: Buffer.from(binary) })
      }
    }))
  })

  it('may be an armour as gpg writes it', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 2000 }), (binary) => {
      const lines = Buffer.from(binary).toString('base64').match(/.{1,64}/g) ?? []
      expect(Buffer.from(readGpgText(`${BEGIN}\nComment: mine\n\n${lines.join('\n')}\n=aB+/\n${END}\n`, 'it').binary)).toEqual(Buffer.from(binary))
    }))
  })

  it.each([
    ['nothing of it', 'hello', 'holds no private PGP key'],
    ['a public key', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\naaaa\n-----END PGP PUBLIC KEY BLOCK-----', 'holds no private PGP key'],
    ['an empty body', `${BEGIN}\n\n${END}`, 'is damaged'],
    ['a body that is cut', `${BEGIN}\n\n${(writeGpgText({ fingerprints: [], binary: Buffer.alloc(99, 'abc') }).split('\n')[3] ?? '').slice(0, -7)}\n${END}`, 'is damaged'],
  ])('is refused with %s, without being shown', (_, text, why) => {
    expect(() => readGpgText(text, 'The gpg key x of box')).toThrow(why)
    expect(() => readGpgText(text, 'The gpg key x of box')).toThrow('The gpg key x of box: ')
  })
})

describe('the text of an age key', () => {
  it('may hold several, each below its public key', async () => {
    const [one, two] = [await newIdentity(), await newIdentity()]
    const text = [one, two].map(({ identity }) => revealSecret(identity)).join('')
    const { identities, text: stored } = await checkedAgeText(secret(text), 'it')
    expect([identities.map(({ recipient }) => recipient), revealSecret(stored)]).toEqual([[one.recipient, two.recipient], text])
  })

  it('gets the public keys that it lacks', async () => {
    const { identity, recipient } = await newIdentity()
    const bare = revealSecret(identity).split('\n').filter((line) => line.startsWith('AGE')).join('\n')
    expect(revealSecret((await checkedAgeText(secret(bare), 'it')).text)).toBe(`# public key: ${recipient}\n${bare}\n`)
  })

  it('is refused when public and secret keys are not as many, or do not belong together, without a secret in it', async () => {
    const [one, two] = [await newIdentity(), await newIdentity()]
    const text = revealSecret(one.identity)
    await expect(checkedAgeText(secret(`${text}# public key: ${two.recipient}\n`), 'it')).rejects.toThrow('it has 2 public and 1 secret keys')
    await expect(checkedAgeText(secret(text.replace(one.recipient, two.recipient)), 'it')).rejects.toThrow(`${two.recipient} does not belong`)
    for (const wrong of ['', '# nothing\n', text.replace(/.\n$/, ''), text.replace('AGE-SECRET-KEY-1', 'AGE-SECRET-KEY-1Q')]) {
      const error = await readAgeText(secret(wrong), 'The age key x of box').catch((each: unknown) => each)
      expect(error).toMatchObject({ code: 'KEY_TEXT', message: expect.stringMatching(/^The age key x of box: .*\.$/) as string })
      expect(JSON.stringify(error)).not.toContain('AGE-SECRET-KEY-1Q')
    }
  })
})

describe('the text of a key of a Vault', () => {
  it('gives back what was written', () => {
    const key = { address: 'https://vault.example.net:8200', token: 'hvs.CAESIJ-abc_1234' }
    expect(writeVaultText(key)).toBe('# Vault Address:: https://vault.example.net:8200\nVault Key: hvs.CAESIJ-abc_1234\n')
    expect(readVaultText(withoutImport(writeVaultText(key)), 'it')).toEqual(key)
  })

  it.each([
    ['Vault Key: hvs.12345678', 'no address'],
    ['# Vault Address:: https://v', 'no key'],
    ['# Vault Address:: v:8200\nVault Key: hvs.12345678', 'is no URL'],
    ['# Vault Address:: https://v\nVault Key: canary', 'is no token'],
  ])('is refused as %j', (text, why) => {
    expect(() => readVaultText(text, 'it')).toThrow(why)
    expect(() => readVaultText(text, 'it')).not.toThrow('canary')
  })
})

it('a line NO-IMPORT anywhere keeps a text from being imported, and is written once', () => {
  expect(['a\n# NO-IMPORT\nb', '# NO-IMPORT', ' # NO-IMPORT\r\na', 'a # NO-IMPORT', '# NO-IMPORTS', ''].map(mayBeImported)).toEqual([false, false, false, true, true, true])
  expect(withoutImport(withoutImport('a\n'))).toBe('# NO-IMPORT\na\n')
})

describe('the key that -p means', () => {
  const config = { secret_providers: { default: 'bw.age', bw: { age_id: 'ID', gpg_url: 'op://v/i', vault_id: '' }, in: { age_id: 'N:p:env:/' }, bare: null } }

  it.each([
    ['default', { provider: 'bw', type: 'age', item: 'ID' }],
    ['bw.gpg', { provider: 'bw', type: 'gpg', item: 'op://v/i' }],
    ['in.age', { provider: 'in', type: 'age', item: 'N:p:env:/' }],
    ['other.age:op://v/i.x', { provider: 'other', type: 'age', item: 'op://v/i.x' }],
    ['my.box.vault:1', { provider: 'my.box', type: 'vault', item: '1' }],
  ])('%s is found', (word, expected) => {
    expect(keyReference(word, config)).toEqual(expected)
  })

  it.each([
    ['bw', 'bw names no key: it is no NAME.TYPE.'],
    ['.age', 'names no key'],
    ['bw.', 'names no key'],
    ['', 'names no key'],
    ['bw.ssh', 'a kind of key that is not known: ssh'],
    ['op.age', 'no section for the provider op'],
    ['bare.age', 'no section for the provider bare'],
    ['in.gpg', 'which item of in the gpg key is'],
    ['bw.vault', 'which item of bw the vault key is'],
  ])('%j is refused', (word, why) => {
    expect(() => keyReference(word, config)).toThrow(why)
  })

  it('is refused where the config names none, and where what it names is none', () => {
    expect(() => keyReference('default', {})).toThrow('The config names no key for -p alone.')
    expect(() => keyReference('default', { secret_providers: { default: 'bw' } })).toThrow('secret_providers.default (bw) names no key')
  })
})
