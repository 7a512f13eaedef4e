import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { stub as startBitwarden, item } from '../../../provider-bitwarden/test/stub.ts'
import { standIn as standInGopass } from '../../../provider-gopass/test/stand-in.ts'
import { secretService } from '../../../provider-keyring/test/secret-service.ts'
import { stub as startOnePassword } from '../../../provider-onepassword/test/stub.ts'
import { startVault } from '../../../provider-vault/test/vault-server.ts'
import type { FakeVault } from '../../../provider-vault/test/vault-server.ts'
import { buildIfStale } from '../command-line.ts'
import { lend, makeBench } from './canary/bench.ts'
import type { Bench } from './canary/bench.ts'
import { asked, record } from './canary/record.ts'
import { runWatched } from './canary/run.ts'
import type { Seen } from './canary/run.ts'

/** What opens the vault of bw: bw has it in its environment, and nothing else does that opens anything. */
const SESSION = 'b2YgdGhlIGNhbmFyeQ=='
const FLAGS = [['-vvv', '--diff'], ['--json']]

const bw = startBitwarden()
const op = startOnePassword()
let vault: FakeVault
let bench: Bench
beforeAll(async () => {
  buildIfStale()
  bench = await makeBench()
  lend(bench.desk, 'provider-gopass', 'provider-bitwarden', 'provider-onepassword', 'provider-vault', 'provider-keyring')
  vault = await startVault()
  const token = bench.desk.write('token', vault.token)
  bench.desk.write('config/config.yml', JSON.stringify({ secret_providers: { vault: { address: vault.address, token_file: token } } }))
  const gopass = standInGopass(inside('gopass'))
  for (const name of ['db/password', 'locked']) gopass.add(name, `${bench.password}\nurl: ${bench.mark}\n`)
  bw.vault(item('1', 'db', { login: { username: bench.mark, password: bench.password } }), item('2', 'other', { notes: bench.mark }))
  op.holds('op://app/db/password', bench.password)
  vault.put('secret/app', { password: bench.password, other: bench.mark })
  record(bench.desk, { gopass: inside('gopass/gopass'), bw: path.join(bw.folder, 'bin/bw'), op: path.join(op.bin, 'op') })
}, 300_000)
beforeEach(() => rmSync(inside('given'), { force: true }))
afterAll(() => {
  vault.stop()
  for (const each of [bw, op, bench.desk]) each.remove()
})

const inside = (name: string): string => path.join(bench.desk.folder, name)
const made = (names: readonly string[]): string[] => names.filter((name) => existsSync(inside(name))).map((name) => readFileSync(inside(name), 'utf8'))

/** A file for each that is given, and a command that reads them all. */
function chobolo(references: Record<string, string>): void {
  const texts = Object.entries(references).map(([name, reference]) => ({ path: inside(name), content: `\${secret:${reference}}` }))
  bench.desk.write('ch-obolo.yml', JSON.stringify({ files: texts, notes: { command: 'sleep 0.1; cat; env', text: texts.map(({ content }) => content).join(' ') } }))
}

function apply(made: readonly string[], flags: readonly string[], env: Record<string, string> = {}): Promise<Seen> {
  const PATH = `${inside('bin')}:${process.env['PATH']}`
  return runWatched(bench.desk, bench.mark, ['apply', '-y', ...flags], { but: ['gopass/stores/db/password', 'gopass/stores/locked', ...made], env: { PATH, BW_SESSION: SESSION, CHAOS_DEBUG: '1', ...env } })
}

describe('a secret of gopass, bw, op and Vault', () => {
  const MADE = { 'of-gopass': 'gopass:db/password', 'of-bw': 'bitwarden:db', 'of-op': 'onepassword:app/db/password', 'of-vault': 'vault:secret/app#password' }
  const files = Object.keys(MADE)

  it.each(FLAGS)('is in the file that is made of it, and the program that keeps it was given nothing of it, with %s', async (...flags) => {
    chobolo(MADE)
    const { ended, seen } = await apply(files, flags)
    expect([ended.code, made(files), seen]).toEqual([0, files.map(() => bench.password), []])
    for (const file of files) rmSync(inside(file))
    // All that they were given is in a file that was looked through.
    expect(asked(bench.desk)).toEqual(['bw list items --nointeraction --raw', 'gopass ls --flat', 'gopass show --unsafe --noparsing db/password', 'op read --no-newline op://app/db/password'])
    expect(readFileSync(inside('given'), 'utf8')).toContain(`BW_SESSION=${SESSION}`)
  })

  it.each([
    ['gopass does not open', 'gopass:locked', /gopass ended with 11/, () => undefined],
    ['bw keeps locked', 'bitwarden:db', /The vault is locked/, () => bw.answers('list', { code: 1, stdout: bench.password, stderr: `Vault is locked. ${bench.password}` })],
    ['op says is not there', 'onepassword:app/db/password', /there is no such item/, () => op.refuses(`could not read secret 'op://app/db/password': "${bench.mark}" isn't an item. ${bench.password}`)],
    ['Vault denies', 'vault:secret/app#password', /denies secret\/data\/app/, () => {
      vault.instead['secret/data/app'] = [(_, response) => void response.writeHead(403).end(JSON.stringify({ errors: [`permission denied ${bench.mark}`], data: bench.password }))]
    }],
  ])('that %s is shown nowhere', async (_, reference, said, fail) => {
    fail()
    chobolo({ failed: reference })
    const { ended, seen } = await apply([], ['-vvv'])
    expect([ended.code, ended.stderr, seen, existsSync(inside('failed'))]).toEqual([2, expect.stringMatching(said), [], false])
  })
})

const lacking = ['gnome-keyring-daemon', 'dbus-daemon', 'secret-tool'].filter((program) => spawnSync(program, ['--version']).error)
const needs = lacking.length > 0 ? ` (needs ${lacking.join(' and ')})` : ''
describe.skipIf(needs)(`a secret of the keyring${needs}`, () => {
  let service: Awaited<ReturnType<typeof secretService>>
  let env: Record<string, string>
  beforeAll(async () => {
    service = await secretService()
    env = { DBUS_SESSION_BUS_ADDRESS: service.env.DBUS_SESSION_BUS_ADDRESS }
    spawnSync('secret-tool', ['store', '--label=a test', 'service', 'app', 'username', 'password'], { input: bench.password, env: { ...process.env, ...env } })
    chobolo({ 'of-keyring': 'keyring:app/password' })
  }, 300_000)
  afterAll(() => service.remove())

  it.each(FLAGS)('is in the file that is made of it alone, with %s', async (...flags) => {
    const { ended, seen } = await apply(['of-keyring'], flags, env)
    expect([ended.code, made(['of-keyring']), seen]).toEqual([0, [bench.password], []])
    rmSync(inside('of-keyring'))
  })

  it('that is locked is shown nowhere', async () => {
    service.lock()
    const { ended, seen } = await apply([], ['--json'], env)
    expect([ended.code, `${ended.stdout}${ended.stderr}`, seen]).toEqual([2, expect.stringContaining('The keyring is locked'), []])
  })
})
