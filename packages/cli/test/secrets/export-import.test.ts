import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { revealSecret } from '@chaos/core'
import { newIdentity } from '@chaos/sops'
import { keyToStore } from '../../src/secrets/keys/to-store.ts'
import { buildIfStale, makeDesk } from '../command-line.ts'
import type { Desk, Ended } from '../command-line.ts'
import { openTerminal } from '../terminal.ts'
import { addBox, leftInMemory, makeKeyring } from './box.ts'
import type { Box, Keyring } from './box.ts'
import { addVault } from './support.ts'

const PLAIN = 'app:\n  password: hunter2\n'

let desk: Desk
let box: Box
let recipient: string
let identity: string
beforeAll(buildIfStale, 300_000)
beforeEach(async () => {
  desk = makeDesk()
  ;({ identity, recipient } = await addVault(desk, PLAIN))
  const files = readFileSync(path.join(desk.folder, 'config/config.yml'), 'utf8')
  box = addBox(desk, (folder) => `# mine\n${files}secret_providers:\n  # where it is\n  box: { folder: ${folder} } # a comment\n`)
  return () => desk.remove()
})

const inside = (name: string): string => path.join(desk.folder, name)
const config = (): string => readFileSync(inside('config/config.yml'), 'utf8')
const stores = (...args: string[]): Promise<Ended> => desk.chaos(['secrets', 'export', 'box', ...args])
const keeps = (...args: string[]): Promise<Ended> => desk.chaos(['secrets', 'import', 'box', ...args])

describe('export of an age key', () => {
  it('stores it, tells what to put in the config, and changes nothing there', async () => {
    const before = config()
    const ended = await stores('-t', 'age', '-n', 'mine', '-k', 'config/keys.txt')
    expect(ended).toMatchObject({ code: 0, stdout: '' })
    expect(ended.stderr).toContain(`box: stored ${recipient} as item-mine.`)
    expect(ended.stderr).toContain('secret_providers:\n  box:\n    age_id: "item-mine"')
    expect(ended.stderr).not.toContain('AGE-SECRET-KEY')
    expect([box.get('item-mine'), config()]).toEqual([identity, before])
  })

  it('takes it from stdin, marks it, names it in the config and keeps the comments there; -p uses it then', async () => {
    const ended = await desk.chaos(['secrets', 'export', 'box', '-t', 'age', '-n', 'mine', '-Ns'], { stdin: identity })
    expect([ended.code, box.get('item-mine')]).toEqual([0, `# NO-IMPORT\n${identity}`])
    expect(config()).toMatch(/^# mine\n[^]*# where it is\n {2}box: \{.*age_id: item-mine \} # a comment\n$/)
    desk.write('config/keys.txt', '')
    expect((await desk.chaos(['secrets', 'print', '-p', 'box.age'])).stdout).toBe(PLAIN)
    expect(await keeps('-t', 'age', '-i', 'item-mine')).toMatchObject({ code: 1, stderr: expect.stringContaining('says NO-IMPORT') as string })
    expect(existsSync(inside('keys.txt'))).toBe(false)
  })

  it('asks at a terminal whether it is that of chaos', async () => {
    const terminal = openTerminal(desk, ['secrets', 'export', 'box', '-t', 'age', '-n', 'mine'])
    await terminal.shows(/Store the key of .*keys\.txt with box\?/)
    terminal.type('y')
    expect(await terminal.ended).toBe(0)
    expect([box.get('item-mine'), terminal.raw().includes('AGE-SECRET-KEY')]).toEqual([identity, false])
  })

  it('stores nothing that is no key, and shows nothing of it', async () => {
    const other = await newIdentity()
    for (const [text, said] of [
      ['', 'nothing stands on stdin'],
      ['canary\n', 'line 1 is no age identity'],
      ['# hello\n', 'holds no age identity'],
      [identity.replace(recipient, other.recipient), 'does not belong to the secret key below it'],
      [`${identity}# public key: ${other.recipient}\n`, 'it has 2 public and 1 secret keys'],
    ] as const) {
      const { code, stderr } = await desk.chaos(['secrets', 'export', 'box', '-t', 'age', '-n', 'mine'], { stdin: text })
      expect([code === 0, stderr]).toEqual([false, expect.stringContaining(said)])
      expect(stderr).not.toMatch(/canary|AGE-SECRET-KEY-1\w/)
    }
    expect(existsSync(inside('box/item-mine'))).toBe(false)
  })

  it.each([
    [['reads', '-t', 'age', '-n', 'x', '-k', 'config/keys.txt'], 'The provider reads cannot store anything'],
    [['broken', '-t', 'age', '-n', 'x', '-k', 'config/keys.txt'], 'could not store x: it failed with Error'],
    [['telling', '-t', 'age', '-n', 'x', '-k', 'config/keys.txt'], 'Not taken: ***.'],
    [['nobody', '-t', 'age', '-n', 'x', '-k', 'config/keys.txt'], 'nobody'],
    [['box', '-t', 'age', '-n', 'x', '-k', 'no-such'], 'The key file no-such cannot be read: it is not there.'],
  ])('%j is refused', async (args, said) => {
    const { code, stderr } = await desk.chaos(['secrets', 'export', ...args])
    expect([code === 0, stderr]).toEqual([false, expect.stringContaining(said)])
    expect(stderr).not.toContain('AGE-SECRET-KEY')
  })
})

it('an option that belongs to another kind of key is refused', () => {
  const given = { keyType: 'age', itemName: 'x', import: true } as const
  expect(() => keyToStore({ ...given, fingerprints: ['A'] }, 'box')).toThrow('--fingerprints names keys of gpg')
  expect(() => keyToStore({ ...given, keyType: 'gpg', fingerprints: ['A'], keyFile: 'k' }, 'box')).toThrow('two places for a key')
  expect(() => keyToStore({ ...given, vaultAddr: 'https://v' }, 'box')).toThrow('--vault-addr belongs to')
})

describe('import', () => {
  it('writes an age key for the user alone, and shows only the beginning of it', async () => {
    box.put('mine', identity)
    const ended = await keeps('-t', 'age', '-i', 'mine')
    expect(ended).toEqual({ code: 0, stdout: '', stderr: `Written: ${inside('keys.txt')} (${recipient.slice(0, 10)}… AGE…)\n` })
    expect([readFileSync(inside('keys.txt'), 'utf8'), statSync(inside('keys.txt')).mode & 0o777]).toEqual([identity, 0o600])
  })

  it('asks before it replaces a file, and does so only with consent', async () => {
    box.put('mine', identity)
    const old = revealSecret((await newIdentity()).identity)
    desk.write('keys.txt', old)
    expect(await keeps('-t', 'age', '-i', 'mine')).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') as string })
    const terminal = openTerminal(desk, ['secrets', 'import', 'box', '-t', 'age', '-i', 'mine'])
    await terminal.shows(/Replace .*keys\.txt\?/)
    terminal.type('n')
    expect([await terminal.ended, readFileSync(inside('keys.txt'), 'utf8')]).toEqual([1, old])
    expect((await keeps('-t', 'age', '-i', 'mine', '-o', 'other.txt')).code).toBe(0)
    expect((await keeps('-t', 'age', '-i', 'mine', '-y')).code).toBe(0)
    expect([readFileSync(inside('keys.txt'), 'utf8'), statSync(inside('keys.txt')).mode & 0o777]).toEqual([identity, 0o600])
  })

  it('keeps a token of Vault, as export has stored it', async () => {
    expect((await desk.chaos(['secrets', 'export', 'box', '-t', 'vault', '-n', 'v', '-a', 'https://vault.example.net', '-s'], { stdin: 'hvs.canary-1234\n' })).code).toBe(0)
    expect(config()).toContain('vault_id: item-v')
    const ended = await keeps('-t', 'vault', '-i', 'item-v')
    expect([ended.stderr, readFileSync(inside('vault_key.txt'), 'utf8')]).toEqual([expect.stringContaining('hvs…'), '# Vault Address:: https://vault.example.net\nVault Key: hvs.canary-1234\n'])
    expect(ended.stderr).not.toContain('canary')
    expect((await desk.chaos(['secrets', 'export', 'box', '-t', 'vault', '-n', 'w'], { stdin: 'hvs.canary-1234', env: { VAULT_ADDR: '' } })).stderr).toContain('address of the Vault is not given')
    expect((await stores('-t', 'vault', '-n', 'w', '-a', 'nowhere', '-k', 'vault_key.txt')).stderr).toContain('nowhere is no address of a Vault')
  })

  it('writes nothing that is no key', async () => {
    box.put('odd', 'canary')
    for (const type of ['age', 'gpg', 'vault']) {
      const { code, stderr } = await keeps('-t', type, '-i', 'odd')
      expect([code, stderr.includes('canary')]).toEqual([1, false])
    }
    expect([existsSync(inside('keys.txt')), existsSync(inside('vault_key.txt'))]).toEqual([false, false])
  })
})

const noGpg = spawnSync('gpg', ['--version']).error ? ' (needs gpg)' : ''
describe.skipIf(noGpg)(`keys of gpg${noGpg}`, () => {
  let mine: Keyring
  let empty: Keyring
  beforeAll(() => {
    mine = makeKeyring()
    empty = makeKeyring()
  })
  afterAll(() => [mine, empty].forEach((each) => each.remove()))

  it('are stored by their fingerprints, opened by -p, and imported into another keyring', async () => {
    const [one, two] = [mine.make('chaos one'), mine.make('chaos two')]
    const stored = await desk.chaos(['secrets', 'export', 'box', '-t', 'gpg', '-n', 'two', '-f', one, two], { env: mine.env })
    expect([stored.code, stored.stderr]).toEqual([0, expect.stringContaining(`box: stored ${one}, ${two} as item-two.`)])
    expect(box.get('item-two')).toMatch(new RegExp(`^# fingerprints: \\['${one}', '${two}'\\]\\n-----BEGIN PGP PRIVATE KEY BLOCK-----\\n\\n\\S+\\n-----END`))
    const ended = await desk.chaos(['secrets', 'import', 'box', '-t', 'gpg', '-i', 'item-two'], { env: empty.env })
    expect(ended).toEqual({ code: 0, stdout: '', stderr: `In the keyring of gpg: ${one.slice(0, 10)}…, ${two.slice(0, 10)}…\n` })
    expect(empty.gpg('--list-secret-keys', '--with-colons').stdout.match(/^sec:/gm)).toHaveLength(2)
    desk.write('armour.asc', mine.gpg('--armor', '--export-secret-keys', one).stdout)
    expect((await desk.chaos(['secrets', 'export', 'box', '-t', 'gpg', '-n', 'one', '-k', 'armour.asc', '-N'], { env: empty.env })).stderr).toContain(`stored ${one} as`)
    expect((await desk.chaos(['secrets', 'import', 'box', '-t', 'gpg', '-i', 'item-one'], { env: empty.env })).stderr).toContain('says NO-IMPORT')
    expect(leftInMemory(desk).folders).toEqual([])
  })

  it('are not stored when there is no such key, or only its public part', async () => {
    const nobody = 'A'.repeat(40)
    expect(await desk.chaos(['secrets', 'export', 'box', '-t', 'gpg', '-n', 'x', '-f', nobody], { env: mine.env })).toMatchObject({ code: 1, stderr: expect.stringContaining('no private key in it') as string })
    desk.write('public.asc', mine.gpg('--armor', '--export', mine.make('chaos three')).stdout)
    expect(await desk.chaos(['secrets', 'export', 'box', '-t', 'gpg', '-n', 'x', '-k', 'public.asc'], { env: mine.env })).toMatchObject({ code: 1, stderr: expect.stringContaining('holds no private PGP key') as string })
    expect(await stores('-t', 'gpg', '-n', 'x', '-f', 'ana@example.net')).toMatchObject({ code: 2, stderr: expect.stringContaining('is no PGP fingerprint') as string })
  })
})
