import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { revealSecret, secret } from '@chaos/core'
import { parse } from 'yaml'
import { afterAll, describe, expect, it } from 'vitest'
import { decryptSops, editSops, encryptSops, inspectSops, newIdentity, rekeySops } from '../src/index.ts'
import { encryptedShare } from '../src/keys/master-key.ts'
import { decryptWithAge, readIdentities } from '../src/keys/age.ts'
import { decryptText } from '../src/value/cipher.ts'
import { PGP, ROPS, ROPS_RECIPIENT, age, failureOf, gnupg, keysOf, missing, vector } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'chaos-sops-interop-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = 'a.yaml'
const shareOf = (text: string, kind: string) => encryptedShare(inspectSops(text, { file }).groups.flat().find((key) => key.kind === kind) as never)
/** The seal is opened with a data key that another program gave. */
const opensSeal = (text: string, dataKey: Uint8Array) => {
  const { mac = '', lastModified } = inspectSops(text, { file })
  return typeof decryptText(mac, dataKey, lastModified) === 'object'
}

const noAge = missing('age')
describe.skipIf(noAge)(`with the program age${noAge ? ` (${noAge})` : ''}`, () => {
  const keyFile = join(folder, 'keys.txt')
  if (!noAge) execFileSync('age-keygen', ['-o', keyFile], { stdio: 'ignore' })
  const recipient = noAge ? '' : execFileSync('age-keygen', ['-y', keyFile]).toString().trim()

  it('age decrypts the data key of a file that was written here', async () => {
    const text = await encryptSops('a: x\n', { file, groups: [age(ROPS_RECIPIENT, recipient)] })
    const share = inspectSops(text, { file }).groups.flat().find(({ id }) => id === recipient)
    const dataKey = execFileSync('age', ['--decrypt', '--identity', keyFile], { input: encryptedShare(share as never) })
    expect([dataKey.length, opensSeal(text, dataKey)]).toEqual([32, true])
  })

  it('what age encrypted is decrypted here, with the identity that age-keygen made', async () => {
    const encrypted = execFileSync('age', ['--encrypt', '--armor', '--recipient', recipient], { input: 'thirty-two bytes of a data key..' }).toString()
    const [identity] = await readIdentities([secret(readFileSync(keyFile, 'utf8'))])
    expect(identity?.recipient).toBe(recipient)
    expect(Buffer.from((await decryptWithAge(encrypted, [identity as never])) ?? []).toString()).toBe('thirty-two bytes of a data key..')
  })

  it('age takes the identity that was made here', async () => {
    const made = await newIdentity()
    expect(execFileSync('age-keygen', ['-y'], { input: revealSecret(made.identity) }).toString().trim()).toBe(made.recipient)
  })
})

const noGpg = missing('gpg')
describe.skipIf(noGpg)(`with the program gpg${noGpg ? ` (${noGpg})` : ''}`, () => {
  const home = noGpg ? { run: undefined as never, env: {}, remove: () => {} } : gnupg(vector('sops/functional_tests_key.asc'))
  const empty = noGpg ? home : gnupg()
  afterAll(() => {
    home.remove()
    empty.remove()
  })
  const groups = [[{ kind: 'pgp', id: PGP }]]

  it('gpg decrypts the data key of a file that was written here', async () => {
    const text = await encryptSops('a: x\n', { file, groups, run: home.run })
    const dataKey = execFileSync('gpg', ['--batch', '--quiet', '--decrypt'], { input: shareOf(text, 'pgp'), env: { ...process.env, ...home.env } })
    expect([dataKey.length, opensSeal(text, dataKey)]).toEqual([32, true])
    expect(inspectSops(text, { file }).groups[0]?.[0]?.fields).toMatchObject({ fp: PGP, created_at: expect.stringMatching(/^\d{4}-.*Z$/) as string })
  })

  it('a data key that gpg encrypted is taken', async () => {
    const text = await encryptSops('a: x\n', { file, groups, run: home.run })
    const env = { ...process.env, ...home.env }
    const dataKey = execFileSync('gpg', ['--batch', '--quiet', '--decrypt'], { input: shareOf(text, 'pgp'), env })
    const again = execFileSync('gpg', ['--batch', '--armor', '--encrypt', '--trust-model', 'always', '--recipient', PGP], { input: dataKey, env }).toString().trim()
    const indent = (armor: string) => armor.replaceAll(/\n(?=.)/g, '\n            ')
    const other = text.replace(indent(shareOf(text, 'pgp')), indent(again))
    expect(other).not.toBe(text)
    expect((await decryptSops(other, { file, run: home.run })).plain()).toEqual({ a: 'x' })
  })

  it('a file of gpg gets an age recipient, and is edited with either', async () => {
    const text = await encryptSops('a: x\n', { file, groups, run: home.run })
    const both = await rekeySops(text, { groups: [[...groups.flat(), ...age(ROPS_RECIPIENT)]] }, { file, run: home.run })
    expect(shareOf(both, 'pgp')).toBe(shareOf(text, 'pgp'))
    const edited = await editSops(both, 'a: z\n', { file, ...keysOf(ROPS) })
    expect((await decryptSops(edited, { file, run: home.run })).plain()).toEqual({ a: 'z' })
  })

  it('the data key is in no argument of gpg', async () => {
    const seen: string[] = []
    const text = await encryptSops('a: x\n', { file, groups, run: async (argv, options) => (seen.push(argv.join(' ')), home.run(argv, options)) })
    const dataKey = execFileSync('gpg', ['--batch', '--quiet', '--decrypt'], { input: shareOf(text, 'pgp'), env: { ...process.env, ...home.env } })
    expect(seen).toHaveLength(1)
    for (const encoding of ['hex', 'base64', 'latin1', 'utf8'] as const) expect(seen[0]).not.toContain(dataKey.toString(encoding))
  })

  it('a key that is not there is named, with what gpg says', async () => {
    const wrong = await failureOf(async () => encryptSops('a: x\n', { file, groups, run: empty.run }))
    expect([wrong.code, wrong.details?.fingerprint]).toEqual(['SOPS_GPG', PGP])
    const text = await encryptSops('a: x\n', { file, groups, run: home.run })
    const error = await failureOf(async () => decryptSops(text, { file, run: empty.run }))
    expect(error.code).toBe('SOPS_NO_KEY')
    expect(JSON.stringify(error.details)).toMatch(/No secret key/i)
    expect((await failureOf(async () => encryptSops('a: x\n', { file, groups: [[{ kind: 'pgp', id: '--help' }]], run: home.run }))).code).toBe('SOPS_GPG')
  })
})

const noSops = missing('sops')
describe.skipIf(noSops)(`with the program sops${noSops ? ` (${noSops})` : ''}`, () => {
  const env = { ...process.env, SOPS_AGE_KEY: revealSecret(ROPS).trim() }
  const sops = (args: string[]) => {
    const { status, stdout, stderr } = spawnSync('sops', args, { env })
    if (status !== 0) throw new Error(stderr.toString())
    return stdout.toString()
  }
  const plain = '# head\na: x # behind\nb: [1, 2.5, true, null, ""]\nc:\n  # inner\n  d: |\n    one\n    two\n  when: 2024-02-29\n  octal: 017\ne_unencrypted: y\n'

  it.each(['yaml', 'json'] as const)('sops reads %s that was written here', async (format) => {
    const path = join(folder, `ours.${format}`)
    const text = format === 'json' ? JSON.stringify({ a: ['x', 1, 1.5, { b: '🌍\0' }], big: 1e21, c: '' }) : plain
    writeFileSync(path, await encryptSops(text, { file: path, groups: [age(ROPS_RECIPIENT)] }))
    const ours = await decryptSops(readFileSync(path, 'utf8'), { file: path, ...keysOf(ROPS) })
    expect(JSON.parse(sops(['--decrypt', '--output-type', 'json', path]))).toEqual(JSON.parse(JSON.stringify(ours.plain())))
    expect(sops(['--decrypt', path])).not.toContain('ENC[')
  })

  it('what sops wrote is read here', async () => {
    const path = join(folder, 'theirs.yaml')
    writeFileSync(path, plain)
    const text = sops(['--encrypt', '--age', ROPS_RECIPIENT, path])
    const file = await decryptSops(text, { file: path, ...keysOf(ROPS) })
    expect(revealSecret(file.text)).not.toContain('ENC[')
    expect(parse(revealSecret(file.text))).toMatchObject({ a: 'x', b: [1, 2.5, true, null, ''], c: { d: 'one\ntwo\n', octal: 15 }, e_unencrypted: 'y' })
  })
})
