import { revealSecret } from '@chaos/core'
import { describe, expect, it } from 'vitest'
import { decryptSops, editSops, encryptSops, inspectSops, rekeySops, rotateSops } from '../src/index.ts'
import { OTHER, OTHER_RECIPIENT, ROPS, ROPS_RECIPIENT, THIRD, THIRD_RECIPIENT, age, failureOf, keysOf } from './support.ts'

const file = 'secrets.yaml'
const PLAIN = 'a: x\nb: [1, 2]\n# c\n'
const opens = async (text: string, ...keys: Parameters<typeof keysOf>) =>
  decryptSops(text, { file, ...keysOf(...keys) }).then((opened) => revealSecret(opened.text), (error: { code: string }) => error.code)
const encOf = (text: string) => Object.fromEntries(inspectSops(text, { file }).groups.flat().map(({ id, fields }) => [id, fields.enc]))
const values = (text: string) => text.match(/ENC\[[^\]]*type:(int|str|comment)\]/g)

describe('one group', () => {
  it('is opened by each of its keys', async () => {
    const text = await encryptSops(PLAIN, { file, groups: [age(ROPS_RECIPIENT, OTHER_RECIPIENT, ROPS_RECIPIENT)] })
    expect(inspectSops(text, { file })).toMatchObject({ threshold: 1, rules: { unencrypted_suffix: '_unencrypted' }, groups: [[{ kind: 'age', id: ROPS_RECIPIENT }, { kind: 'age', id: OTHER_RECIPIENT }]] })
    expect([await opens(text, ROPS), await opens(text, OTHER), await opens(text, THIRD), await opens(text, THIRD, OTHER)]).toEqual([PLAIN, PLAIN, 'SOPS_NO_KEY', PLAIN])
  })

  it('gets a key more: nothing else of the file changes, also not for those who had it', async () => {
    const before = await encryptSops(PLAIN, { file, groups: [age(ROPS_RECIPIENT)] })
    const after = await rekeySops(before, { groups: [age(ROPS_RECIPIENT, OTHER_RECIPIENT)] }, { file, ...keysOf(ROPS) })
    expect(await opens(after, OTHER)).toBe(PLAIN)
    expect(encOf(after)[ROPS_RECIPIENT]).toBe(encOf(before)[ROPS_RECIPIENT])
    expect(after.replace(/ {8}- enc: \|\n(?: {12}.*\n){7,9} {10}recipient: age1yt3.*\n/, '')).toBe(before)
  })

  it('loses a key, whose holder can read it no more', async () => {
    const before = await encryptSops(PLAIN, { file, groups: [age(ROPS_RECIPIENT, OTHER_RECIPIENT)] })
    const after = await rekeySops(before, { groups: [age(OTHER_RECIPIENT)] }, { file, ...keysOf(ROPS) })
    expect([await opens(after, OTHER), await opens(after, ROPS)]).toEqual([PLAIN, 'SOPS_NO_KEY'])
    expect(values(after)).toEqual(values(before))
  })

  it('that was rotated has another data key, and other ciphertexts', async () => {
    const before = await encryptSops(PLAIN, { file, groups: [age(ROPS_RECIPIENT, OTHER_RECIPIENT)] })
    const after = await rotateSops(before, { file, ...keysOf(OTHER) })
    expect([await opens(after, ROPS), await opens(after, OTHER)]).toEqual([PLAIN, PLAIN])
    expect(values(after)?.filter((each) => values(before)?.includes(each))).toEqual([])
    expect(Object.values(encOf(after)).filter((each) => Object.values(encOf(before)).includes(each))).toEqual([])
    expect(await opens(await rotateSops(after, { file, ...keysOf(ROPS), groups: [age(THIRD_RECIPIENT)] }), THIRD)).toBe(PLAIN)
  })

  it('is never empty', async () => {
    expect((await failureOf(async () => encryptSops(PLAIN, { file, groups: [] }))).code).toBe('SOPS_NO_RECIPIENT')
    expect((await failureOf(async () => encryptSops(PLAIN, { file, groups: [[]] }))).code).toBe('SOPS_NO_RECIPIENT')
    const text = await encryptSops(PLAIN, { file, groups: [age(ROPS_RECIPIENT)] })
    expect((await failureOf(async () => rekeySops(text, { groups: [age(ROPS_RECIPIENT), []] }, { file, ...keysOf(ROPS) }))).code).toBe('SOPS_NO_RECIPIENT')
  })
})

describe('several groups', () => {
  const groups = [age(ROPS_RECIPIENT), age(OTHER_RECIPIENT), age(THIRD_RECIPIENT)]

  it('are opened by as many as the threshold says', async () => {
    const text = await encryptSops(PLAIN, { file, groups, threshold: 2 })
    expect(text).toContain('    shamir_threshold: 2\n')
    expect(await Promise.all([opens(text, ROPS, THIRD), opens(text, OTHER, THIRD), opens(text, ROPS, OTHER, THIRD), opens(text, OTHER)])).toEqual([PLAIN, PLAIN, PLAIN, 'SOPS_NO_KEY'])
    const error = await failureOf(async () => decryptSops(text, { file, ...keysOf(OTHER) }))
    expect(error.message).toContain('2 of its 3 key groups must be opened, and 1 could be')
  })

  it('by all of them when nothing is said, in JSON too', async () => {
    const text = await encryptSops('{"a":"x"}', { file: 'a.json', groups })
    expect(JSON.parse(text)).toMatchObject({ sops: { shamir_threshold: 3, key_groups: [{ age: [{ recipient: ROPS_RECIPIENT }] }, {}, {}] } })
    expect((await decryptSops(text, { file: 'a.json', ...keysOf(ROPS, OTHER, THIRD) })).plain()).toEqual({ a: 'x' })
    expect((await failureOf(async () => decryptSops(text, { file: 'a.json', ...keysOf(ROPS, OTHER) }))).code).toBe('SOPS_NO_KEY')
  })

  it('keep their shares in an edit, and get new ones when groups change', async () => {
    const text = await encryptSops(PLAIN, { file, groups, threshold: 2 })
    const edited = await editSops(text, 'a: u\n', { file, ...keysOf(ROPS, OTHER) })
    expect(encOf(edited)).toEqual(encOf(text))
    const one = await rekeySops(edited, { groups: [age(THIRD_RECIPIENT)] }, { file, ...keysOf(ROPS, OTHER) })
    expect(await opens(one, THIRD)).toBe('a: u\n')
    const two = await rekeySops(one, { groups: groups.slice(0, 2) }, { file, ...keysOf(THIRD) })
    expect([await opens(two, ROPS, OTHER), await opens(two, THIRD)]).toEqual(['a: u\n', 'SOPS_NO_KEY'])
    expect(inspectSops(await rotateSops(text, { file, ...keysOf(ROPS, OTHER) }), { file })).toMatchObject({ threshold: 2 })
  })

  it.each([1, 4, 1.5])('have no threshold of %s', async (threshold) => {
    expect((await failureOf(async () => encryptSops(PLAIN, { file, groups, threshold }))).code).toBe('SOPS_SHARES')
  })
})

describe('keys that are not known here', () => {
  it.each(['kms', 'hc_vault', 'azure_kv', 'gcp_kms', 'hckms'])('%s is refused by name', async (kind) => {
    const error = await failureOf(async () => encryptSops(PLAIN, { file, groups: [[{ kind, id: 'x' }]] }))
    expect(error.code).toBe('SOPS_KEY_KIND')
    expect(error.details).toMatchObject({ kinds: [kind] })
  })

  it('PGP keys are refused where gpg is not at hand', async () => {
    expect((await failureOf(async () => encryptSops(PLAIN, { file, groups: [[{ kind: 'pgp', id: 'x' }]] }))).code).toBe('SOPS_GPG')
  })

  it('stay in a file that is edited or re-keyed by a key that is', async () => {
    const text = (await encryptSops(PLAIN, { file, groups: [age(ROPS_RECIPIENT)] })).replace('sops:\n', 'sops:\n    kms:\n        - arn: arn:x\n          context:\n            app: web\n          enc: eA==\n')
    const edited = await editSops(text, 'a: u\n', { file, ...keysOf(ROPS) })
    const kms = { kind: 'kms', id: 'arn:x', fields: { arn: 'arn:x', context: { app: 'web' }, enc: 'eA==' } }
    expect(inspectSops(edited, { file }).groups.flat()).toContainEqual(kms)
    const rekeyed = await rekeySops(edited, { groups: [[{ kind: 'kms', id: 'arn:x' }, ...age(ROPS_RECIPIENT, OTHER_RECIPIENT)]] }, { file, ...keysOf(ROPS) })
    expect(inspectSops(rekeyed, { file }).groups.flat()).toContainEqual(kms)
    expect(await opens(rekeyed, OTHER)).toBe('a: u\n')
    expect((await failureOf(async () => rotateSops(edited, { file, ...keysOf(ROPS) }))).details).toMatchObject({ kinds: ['kms'] })
  })

  it.each([
    ['age (ssh)', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID+Wi8WZw2bXfBpcs/WECttCzP39OkenS6pHWHWGFJvN'],
    ['age (plugin)', 'age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t'],
  ])('a recipient of the kind %s is refused by name', async (kind, recipient) => {
    const error = await failureOf(async () => encryptSops(PLAIN, { file, groups: [age(recipient)] }))
    expect([error.code, error.details?.kinds]).toEqual(['SOPS_KEY_KIND', [kind]])
  })

  it.each(['age1notone', ''])('the recipient %j is refused', async (recipient) => {
    expect((await failureOf(async () => encryptSops(PLAIN, { file, groups: [age(recipient)] }))).code).toBe('SOPS_AGE_RECIPIENT')
  })

  it('an identity in place of a recipient is refused, and not shown', async () => {
    const identity = revealSecret(ROPS).trim()
    const error = await failureOf(async () => encryptSops(PLAIN, { file, groups: [age(identity)] }))
    expect([error.code, JSON.stringify([error.message, error.hint, error.details]).includes(identity)]).toEqual(['SOPS_AGE_RECIPIENT', false])
  })
})
