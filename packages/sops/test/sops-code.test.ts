import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { revealSecret } from '@chaos/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { editSops, encryptSops, rekeySops, rotateSops } from '../src/index.ts'
import type { SelectionRules } from '../src/index.ts'
import { runSopsCode, sopsCode } from './sops-code.ts'
import type { SopsCode } from './sops-code.ts'
import { OTHER_RECIPIENT, PGP, ROPS, ROPS_RECIPIENT, age, gnupg, keysOf, missing, vector } from './support.ts'
import { lines, root } from './trees.ts'

const found = await sopsCode()
const why = 'missing' in found ? found.missing : missing('gpg')
const folder = mkdtempSync(join(tmpdir(), 'chaos-sops-code-'))
const gpg = why === undefined ? gnupg(vector('sops/functional_tests_key.asc')) : undefined
let sops: SopsCode
beforeAll(async () => {
  if ('program' in found && gpg !== undefined) sops = await runSopsCode(found.program, folder, { SOPS_AGE_KEY: revealSecret(ROPS), ...gpg.env })
})
afterAll(() => {
  sops?.close()
  gpg?.remove()
  rmSync(folder, { recursive: true, force: true })
})

const mine = [age(ROPS_RECIPIENT)]
const yaml = `# of everything
name: x
list: [1, 2.5, true, null, "null", ""]
# secret
inner:
  lines: "one\\ntwo"   # tail
  left_unencrypted: plain
  block: |
    block
    text
numbers: [12345678901, 1e3, 0.1, 1e21, -0.5]
öä: "🌍"
`
const value = {
  name: 'x',
  list: [1, 2.5, true, null, 'null', ''],
  inner: { lines: 'one\ntwo', left_unencrypted: 'plain', block: 'block\ntext\n' },
  numbers: [12_345_678_901, 1000, 0.1, 1e21, -0.5],
  öä: '🌍',
}

describe.skipIf(why)(`the Go code of sops 3.9 reads what was written here${why ? ` (${why})` : ''}`, () => {
  it.each<[string, SelectionRules]>([
    ['all of it', {}],
    ['encrypted_suffix', { encrypted_suffix: 'er' }],
    ['encrypted_regex', { encrypted_regex: '^(inner|name)$' }],
    ['unencrypted_regex', { unencrypted_regex: '^list$' }],
    ['encrypted_comment_regex', { encrypted_comment_regex: 'secret' }],
    ['unencrypted_comment_regex', { unencrypted_comment_regex: 'secret' }],
    ['mac_only_encrypted', { encrypted_regex: '^name$', mac_only_encrypted: true }],
  ])('YAML with comments: %s', async (_rule, rules) => {
    const file = await encryptSops(yaml, { file: 'a.yaml', groups: mine, rules })
    expect(await sops.decrypt(file, 'yaml')).toEqual({ value })
  })
  it('any JSON', async () => {
    await fc.assert(fc.asyncProperty(root, async (plain) => {
      const file = await encryptSops(JSON.stringify(plain), { file: 'a.json', groups: mine })
      expect(comparable(await sops.decrypt(file, 'json'))).toEqual(comparable({ value: plain }))
    }), { numRuns: 100 })
  })

  it('any tree as YAML', async () => {
    await fc.assert(fc.asyncProperty(root, async (plain) => {
      const file = await encryptSops(lines(plain), { file: 'a.yaml', groups: mine })
      // Each value is bound to its keys, the seal to all values. What comes after that has been through Go's YAML printer, which loses a
      // line feed of a key here and there.
      expect(await sops.decrypt(file, 'yaml')).not.toMatchObject({ reason: expect.stringContaining('error while decrypting') })
    }), { numRuns: 100 })
  })

  it('what gpg opens, alone and in a key group with a threshold of two', async () => {
    const { run } = gpg as NonNullable<typeof gpg>
    const pgp = [{ kind: 'pgp', id: PGP }]
    const alone = await encryptSops('a: x\n', { file: 'a.yaml', groups: [pgp], run })
    const groups = [age(ROPS_RECIPIENT), pgp, age(OTHER_RECIPIENT)]
    const two = await encryptSops('a: y\n', { file: 'a.yaml', groups, threshold: 2, run })
    const three = await encryptSops('a: z\n', { file: 'a.yaml', groups, threshold: 3, run })
    expect(await sops.decrypt(alone, 'yaml')).toEqual({ value: { a: 'x' } })
    expect(await sops.decrypt(two, 'yaml')).toEqual({ value: { a: 'y' } })
    expect(await sops.decrypt(three, 'yaml')).toMatchObject({ reason: expect.stringContaining('3 successful groups required, got 2') })
  })

  it('a file after edits, with other keys and a new data key', async () => {
    const keys = { file: 'a.yaml', ...keysOf(ROPS) }
    const made = await encryptSops('# kept\na: x\nb: y\n', { file: 'a.yaml', groups: mine })
    const edited = await editSops(made, '# kept\na: z\nb: y\nc: [1]\n', keys)
    const shared = await rekeySops(edited, { groups: [age(ROPS_RECIPIENT, OTHER_RECIPIENT)] }, keys)
    const rotated = await rotateSops(shared, keys)
    for (const file of [edited, shared, rotated]) expect(await sops.decrypt(file, 'yaml')).toEqual({ value: { a: 'z', b: 'y', c: [1] } })
  })

  it('nothing that was changed by another hand', async () => {
    const file = await encryptSops('a: x\nb_unencrypted: y\n', { file: 'a.yaml', groups: mine })
    expect(await sops.decrypt(file.replace('b_unencrypted: y', 'b_unencrypted: z'), 'yaml')).toMatchObject({ reason: expect.stringMatching(/^error while decrypting[^]*Failed to verify data integrity/) })
  })
})

/** Whole numbers beyond 2^53 are the same for us. */
const comparable = (json: unknown): unknown => JSON.parse(JSON.stringify(json))
