import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inspectSops, newIdentity } from '@chaos/sops'
import { buildIfStale, makeDesk } from '../command-line.ts'
import type { Desk, Ended } from '../command-line.ts'
import { openTerminal } from '../terminal.ts'
import { addVault } from './support.ts'
import type { Vault } from './support.ts'

let desk: Desk
let vault: Vault
let other: string
beforeAll(() => buildIfStale(), 300_000)
beforeEach(async () => {
  desk = makeDesk()
  vault = await addVault(desk, 'a: hunter2\n')
  other = (await newIdentity()).recipient
})
afterEach(() => desk.remove())

const secrets = (...args: string[]): Promise<Ended> => desk.chaos(['secrets', ...args])
const config = (): string => readFileSync(path.join(desk.folder, 'sops-config.yml'), 'utf8')
const recipients = (): string[] => inspectSops(readFileSync(vault.file, 'utf8'), { file: vault.file }).groups.flat().map(({ id }) => id)

describe('recipients', () => {
  it('are listed, of all kinds or one', async () => {
    expect((await secrets('list')).stdout).toBe(`age  ${vault.recipient}\n`)
    expect((await secrets('list', 'age', '-v')).stdout).toBe(`${vault.recipient}\n`)
    expect(JSON.parse((await secrets('list', '-j')).stdout)).toEqual([{ kind: 'age', id: vault.recipient }])
    expect((await secrets('list', 'pgp')).stdout).toBe('')
    expect([(await secrets('list', 'hc_vault')).stdout, (await secrets('list', 'ssh')).code]).toEqual(['', 2])
  })

  it('come and go with -u, in the config and in the file', async () => {
    expect((await secrets('rotate-add', 'age', other, '-u')).code).toBe(0)
    expect(config()).toContain(`          - ${vault.recipient}\n          - ${other}\n`)
    expect(recipients()).toEqual([vault.recipient, other])
    expect((await secrets('rotate-add', 'age', other)).stderr).toContain('there already')
    expect(await secrets('rotate-rm', 'age', other, '-u')).toMatchObject({ code: 0, stderr: expect.stringContaining('change the secrets themselves') })
    expect([config().includes(other), recipients()]).toEqual([false, [vault.recipient]])
    expect((await secrets('print')).stdout).toBe('a: hunter2\n')
  })

  it('change in the config alone where nobody is asked, and in the file where somebody says yes', async () => {
    expect((await secrets('rotate-add', 'age', other)).stderr).toContain('Next: chaos secrets update')
    expect(recipients()).toEqual([vault.recipient])
    const terminal = openTerminal(desk, ['secrets', 'rotate-rm', 'age', other])
    await terminal.shows(/Encrypt .*secrets\.yml for them now/)
    terminal.type('y')
    expect(await terminal.ended).toBe(0)
  })

  it('become a key group of their own with -cr, which must be opened too', async () => {
    expect((await secrets('rotate-add', 'age', other, '-cr', '-u')).code).toBe(0)
    expect(await secrets('print')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('2 of its 2 key groups') })
  })

  it('of Vault come and go under the name that sops has for them', async () => {
    const key = 'https://vault.example.net:8200/v1/transit/keys/chaos'
    expect((await secrets('rotate-add', 'vault', key)).code).toBe(0)
    expect(config()).toContain(`        hc_vault:\n          - ${key}\n`)
    expect((await secrets('list', 'vault')).stdout).toBe(`hc_vault  ${key}\n`)
    expect((await secrets('update')).stderr).toMatch(/kind hc_vault are not known here.*Install the sops binary/s)
    expect([(await secrets('rotate-rm', 'hc_vault', key)).code, config().includes('vault')]).toEqual([0, false])
    expect((await secrets('rotate-add', 'vault', 'transit/chaos')).code).toBe(2)
  })

  it('are refused where they are none, or the last one would go', async () => {
    const before = config()
    expect((await secrets('rotate-add', 'age', 'age1nobody')).code).toBe(2)
    expect((await secrets('rotate-add', 'pgp', 'ana@example.net')).code).toBe(2)
    expect(await secrets('rotate-rm', 'age', vault.recipient)).toMatchObject({ code: 2, stderr: expect.stringContaining('last key') })
    expect((await secrets('rotate-add', 'age', other, '-i', '7')).code).toBe(2)
    expect(config()).toBe(before)
  })
})

describe('the threshold of a rule', () => {
  const third = async (): Promise<void> => {
    for (const key of [other, (await newIdentity()).recipient]) expect((await secrets('rotate-add', 'age', key, '-cr')).code).toBe(0)
    writeFileSync(path.join(desk.folder, 'sops-config.yml'), config().replace('creation_rules:', '# ours\ncreation_rules:'))
  }

  it('is set with -u, in the config and in the file, and comments stay', async () => {
    await third()
    expect((await secrets('set-shamir', '0', '2', '-u')).code).toBe(0)
    expect(config()).toMatch(/^# ours\n[^]*shamir_threshold: 2\n/)
    expect(inspectSops(readFileSync(vault.file, 'utf8'), { file: vault.file })).toMatchObject({ threshold: 2, groups: { length: 3 } })
    expect((await secrets('shamir', '0', '2')).stderr).toContain('is 2 already')
  })

  it('is taken away with 0 or less, by a yes or -y', async () => {
    await third()
    expect((await secrets('set-shamir', '0', '3')).stderr).toContain('Next: chaos secrets update')
    expect(await secrets('set-shamir', '0', '0')).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
    const terminal = openTerminal(desk, ['secrets', 'set-shamir', '0', '-1'])
    await terminal.shows(/Take the threshold of the rule 0/)
    terminal.type('n')
    expect(await terminal.ended).toBe(1)
    expect(config()).toContain('shamir_threshold: 3')
    expect((await secrets('set-shamir', '0', '0', '-y')).code).toBe(0)
    expect(config()).not.toContain('shamir_threshold')
  })

  it('is refused where it does not fit the key groups, and where there is no such rule', async () => {
    const before = config()
    expect(await secrets('set-shamir', '0', '2')).toMatchObject({ code: 2, stderr: expect.stringContaining('one key group') })
    expect(await secrets('set-shamir', '5', '2')).toMatchObject({ code: 2, stderr: expect.stringContaining('no creation rule 5') })
    expect((await secrets('set-shamir', '0', 'x')).code).toBe(2)
    expect(config()).toBe(before)
  })
})

describe('the config of sops', () => {
  it('is printed with -s, and single keys of it', async () => {
    expect(await secrets('print', '-s')).toEqual({ code: 0, stdout: config(), stderr: '' })
    expect(JSON.parse((await secrets('print', '-sj')).stdout)).toMatchObject({ creation_rules: [{ path_regex: 'secrets.*\\.yml$' }] })
    expect((await secrets('cat', 'creation_rules[0].key_groups[0].age[0]', '-sv')).stdout).toBe(`${vault.recipient}\n`)
    expect(await secrets('cat', 'stores', '-s')).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('has no stores') })
  })
})

const missing = ['gpg', 'dirmngr'].find((program) => spawnSync(program, ['--version']).error)
describe.skipIf(missing)(`a PGP key that gpg does not know${missing ? ` (needs ${missing})` : ''}`, () => {
  // Short: gpg's agent and dirmngr make their sockets there.
  let home: string
  let theirs: string
  const FINGERPRINT = 'FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4'
  let server: Server
  const asked: string[] = []
  beforeAll(async () => {
    home = mkdtempSync(path.join(os.tmpdir(), 'chaos-gpg-'))
    theirs = mkdtempSync(path.join(os.tmpdir(), 'chaos-gpg-'))
    const gpg = (...args: string[]): Buffer => spawnSync('gpg', ['--batch', ...args], { env: { ...process.env, GNUPGHOME: theirs } }).stdout
    gpg('--import', path.join(import.meta.dirname, '../../../sops/test/vectors/sops/functional_tests_key.asc'))
    const key = gpg('--armor', '--export', FINGERPRINT)
    server = createServer(({ url = '' }, response) => {
      asked.push(url)
      response.writeHead(url.toUpperCase().includes(FINGERPRINT) ? 200 : 404, { 'content-type': 'application/pgp-keys' }).end(url.toUpperCase().includes(FINGERPRINT) ? key : '')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(() => {
    server.close()
    for (const each of [home, theirs]) {
      spawnSync('gpgconf', ['--kill', 'all'], { env: { ...process.env, GNUPGHOME: each } })
      rmSync(each, { recursive: true, force: true })
    }
  })
  const add = (fingerprint: string, ...more: string[]): Promise<Ended> => desk.chaos(['secrets', 'rotate-add', 'pgp', fingerprint, ...more], { env: { GNUPGHOME: home } })

  it('is refused, with where it could be had, and fetched where a keyserver is named', async () => {
    const before = config()
    const keyserver = `hkp://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await add(FINGERPRINT)).toMatchObject({ code: 2, stderr: expect.stringMatching(/gpg does not know the key.*--keyserver/s) })
    expect(await add('A'.repeat(40), '-s', keyserver)).toMatchObject({ code: 2, stderr: expect.stringContaining('was not had from') })
    expect([asked.length > 0, config()]).toEqual([true, before])
    expect(await add(FINGERPRINT, '-s', keyserver)).toMatchObject({ code: 0 })
    expect(config()).toContain(`        pgp:\n          - ${FINGERPRINT}\n`)
  })
})
