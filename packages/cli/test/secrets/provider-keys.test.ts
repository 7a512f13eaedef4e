import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { defineProvider, revealSecret, secret } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import { encryptSops, newIdentity } from '@chaos/sops'
import { pluginContext } from '@chaos/testkit'
import { openKeySource } from '../../src/secrets/key-source.ts'
import type { KeySource } from '../../src/secrets/key-source.ts'
import { buildIfStale, makeDesk, processesWith, until } from '../command-line.ts'
import type { Desk, Ended, StartOptions } from '../command-line.ts'
import { addBox, inMemoryOf, leftInMemory, makeKeyring } from './box.ts'
import type { Box, Keyring } from './box.ts'
import { addVault, addWriter, filesOf } from './support.ts'

const PLAIN = 'app:\n  password: hunter2\n'

let desk: Desk
let box: Box
let identity: string
let recipient: string
beforeAll(async () => {
  buildIfStale()
  desk = makeDesk()
  ;({ identity, recipient } = await addVault(desk, PLAIN))
  const files = readFileSync(path.join(desk.folder, 'config/config.yml'), 'utf8')
  // Nobody but the provider has the key from now on.
  rmSync(path.join(desk.folder, 'config/keys.txt'))
  box = addBox(desk, (folder) => `${files}secret_providers:\n  default: box.age\n  box: { folder: ${folder}, age_id: mine, gpg_id: pgp, vault_id: vault }\n  broken: { age_id: it }\n`)
  box.put('mine', identity)
  addWriter(desk)
}, 300_000)
afterAll(() => desk.remove())
afterEach(async () => {
  if (leftInMemory(desk).folders.length > 0) throw new Error(`Left in memory: ${leftInMemory(desk).folders.join(' ')}`)
  // It was told to end, and takes a moment for it.
  await until(() => leftInMemory(desk).agents.length === 0, 'no agent of gpg is left')
})

const chaos = (...args: string[]): Promise<Ended> => desk.chaos(args)

describe('an age key that a provider keeps', () => {
  it('opens the secrets file, and nothing else does', async () => {
    expect((await chaos('secrets', 'print')).code).toBe(1)
    expect(await chaos('secrets', 'print', '-p')).toEqual({ code: 0, stdout: PLAIN, stderr: '' })
  })

  it.each([
    [['secrets', 'cat', '-p', 'app.password', '-v']],
    [['secrets', 'cat', '-p', 'box.age', 'app.password', '-v']],
    [['secrets', 'cat', 'app.password', '-v', '--provider=box.age:mine']],
  ])('by %j', async (args) => {
    expect(await chaos(...args)).toEqual({ code: 0, stdout: 'hunter2\n', stderr: '' })
  })

  it('is used by set, edit, update and rotate-add', async () => {
    const other = await newIdentity()
    expect((await desk.chaos(['secrets', 'set', '-p', 'app.more'], { stdin: 'x' })).stderr).toContain('app.more is set')
    const editor = desk.write('editor.sh', '#!/bin/sh\nsed -i s/more/less/ "$1"\n')
    chmodSync(editor, 0o755)
    expect((await desk.chaos(['secrets', 'edit', '-p'], { env: { EDITOR: editor, VISUAL: '' } })).code).toBe(0)
    expect((await chaos('secrets', 'rotate-add', 'age', other.recipient, '-u', '-p')).stderr).toContain(`+ age ${other.recipient}`)
    expect((await desk.chaos(['secrets', 'cat', 'app.less', '-v'], { env: { SOPS_AGE_KEY: revealSecret(other.identity) } })).stdout).toBe('x\n')
    expect((await chaos('secrets', 'rotate-rm', 'age', other.recipient, '-u', '-p', 'box.age')).stderr).toContain(`- age ${other.recipient}`)
    expect((await chaos('secrets', 'update', '-p')).stderr).toContain('already')
  })

  it('gives roles their secrets, is nowhere to be seen, and is asked for only where a role declares some', async () => {
    const made = path.join(desk.folder, 'made')
    desk.write('ch-obolo.yml', `writes: ${made}\n`)
    const key = /AGE-SECRET-KEY-1\w+/.exec(identity)?.[0] ?? ''
    const { child, ended } = desk.start(['apply', '-y', '-p', '-vvv'])
    const seen = new Set<string>()
    while (child.exitCode === null && child.signalCode === null) {
      for (const pid of processesWith(key)) seen.add(pid)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const { code, stdout, stderr } = await ended
    expect([code, [...seen], readFileSync(made, 'utf8')]).toEqual([0, [], 'hunter2'])
    const files = Object.entries(filesOf(desk)).filter(([name, text]) => text.includes(key) && name !== 'box/mine').map(([name]) => name)
    expect([files, `${stdout}${stderr}`.includes(key)]).toEqual([[], false])
    desk.addSteps()
    desk.write('ch-obolo.yml', 'steps: ["true"]\n')
    expect((await chaos('apply', '-y', '-p', 'broken.age')).code).toBe(0)
    expect(await chaos('apply', '-y', '-p', 'broken.gpg')).toMatchObject({ code: 2, stderr: expect.stringContaining('which item of broken the gpg key is') as string })
  })

  it('is used beside the identities of the user, where one is not enough', async () => {
    const { identity: own, recipient: other } = await newIdentity()
    const file = path.join(desk.folder, 'two.yml')
    desk.write('two.yml', await encryptSops(PLAIN, { file, groups: [[{ kind: 'age', id: recipient }], [{ kind: 'age', id: other }]] }))
    expect((await chaos('secrets', 'print', '-p', '-sf', file)).stderr).toContain('2 of its 2 key groups')
    expect((await desk.chaos(['secrets', 'print', '-p', '-sf', file], { env: { SOPS_AGE_KEY: revealSecret(own) } })).stdout).toBe(PLAIN)
  })

  it.each([
    ['an empty item', ' \n', 1, /The age key odd of box: it is empty/],
    ['no key in it', '# hello\n', 1, /holds no age identity/],
    ['a damaged key', 'AGE-SECRET-KEY-1CANARY\n', 1, /line 1 is no age identity/],
  ])('is refused with %s, without being shown', async (_, text, code, said) => {
    box.put('odd', text)
    const ended = await chaos('secrets', 'print', '-p', 'box.age:odd')
    expect(ended).toEqual({ code, stdout: '', stderr: expect.stringMatching(said) as string })
    expect(ended.stderr).not.toContain('CANARY')
  })

  it('that is another one does not open the file', async () => {
    box.put('other', revealSecret((await newIdentity()).identity))
    expect(await chaos('secrets', 'print', '-p', 'box.age:other')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('no key at hand opens it') as string })
  })

  it.each([
    ['box.age:no-such', 2, /box could not read no-such: it failed with Error/],
    ['broken.age', 2, /broken could not read it: it failed with Error/],
  ])('-p %s is refused', async (word, code, said) => {
    const ended = await chaos('secrets', 'print', `--provider=${word}`)
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(said)])
    expect(ended.stderr).not.toContain('canary')
  })

  it('may come by a flag of the Python tool, whose provider somebody must have installed', async () => {
    expect(await chaos('secrets', 'print', '-b', 'ID', 'age')).toMatchObject({ code: 2, stderr: expect.stringMatching(/\bbw\b/) as string })
    expect((await chaos('secrets', 'print', '-p', '--provider=box.age')).stderr).toContain('One key of a provider can be used at a time')
  })

  it('is given to the sops binary as a file in memory, with the identities of the user; a token of Vault in the environment', async () => {
    const items: Record<string, string> = { mine: identity, vault: '# Vault Address:: https://v.example.net\nVault Key: hvs.12345678\n' }
    const provider = defineProvider({ read: async (item) => secret(items[item] ?? '') })
    const plugins = Promise.resolve({ load: async () => provider } as unknown as Plugins)
    const open = (word: string): Promise<KeySource> => openKeySource({ provider: word, config: {}, plugins })
    const own = desk.write('own.txt', 'AGE-SECRET-KEY-OF-THE-USER')
    vi.stubEnv('SOPS_AGE_KEY_FILE', own)
    const age = await open('box.age:mine')
    try {
      const file = age.env['SOPS_AGE_KEY_FILE'] ?? ''
      expect([file, readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([expect.stringMatching(/^\/dev\/shm\/chaos-age-/), `AGE-SECRET-KEY-OF-THE-USER\n${identity}\n`, 0o600])
    } finally {
      await age.end()
      vi.unstubAllEnvs()
    }
    expect(inMemoryOf(process.pid)).toEqual({ folders: [], agents: [] })
    const vault = await open('box.vault:vault')
    expect(vault.env).toEqual({ VAULT_ADDR: 'https://v.example.net', VAULT_TOKEN: 'hvs.12345678' })
    await vault.end()
  })

  it('may be what a program prints', async () => {
    desk.write('exec/config.yml', `${readFileSync(path.join(desk.folder, 'config/config.yml'), 'utf8').split('secret_providers')[0]}secret_providers:\n  default: exec.age\n  exec: { command: [cat, '${box.folder}/{reference}'], age_id: mine }\n`)
    linkExec(desk)
    expect(await desk.chaos(['secrets', 'cat', '-p', 'app.password', '-v'], { env: { CHAOS_CONFIG_DIR: path.join(desk.folder, 'exec') } })).toEqual({ code: 0, stdout: 'hunter2\n', stderr: '' })
  })
})

/** The provider `exec` of this repository, as a plugin of the desk. */
function linkExec({ folder }: Desk): void {
  const project = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
  project.dependencies['@chaos/provider-exec'] = '*'
  desk.write('package.json', JSON.stringify(project))
  mkdirSync(path.join(folder, 'node_modules/@chaos'))
  symlinkSync(path.join(import.meta.dirname, '../../../provider-exec'), path.join(folder, 'node_modules/@chaos/provider-exec'))
}

const noGpg = spawnSync('gpg', ['--version']).error ? ' (needs gpg)' : ''
describe.skipIf(noGpg)(`a gpg key that a provider keeps${noGpg}`, () => {
  let theirs: Keyring
  let empty: Keyring
  let file: string
  let fingerprint: string
  beforeAll(async () => {
    theirs = makeKeyring()
    empty = makeKeyring()
    fingerprint = theirs.make('chaos provider')
    box.put('pgp', theirs.gpg('--armor', '--export-secret-keys', fingerprint).stdout)
    file = path.join(desk.folder, 'pgp.yml')
    const { run } = pluginContext()
    desk.write('pgp.yml', await encryptSops(PLAIN, { file, groups: [[{ kind: 'pgp', id: fingerprint }]], run: (argv, options) => run(argv, { ...options, env: theirs.env }) }))
  }, 300_000)
  afterAll(() => [theirs, empty].forEach((each) => each.remove()))

  const print = (options: StartOptions, ...more: string[]): Promise<Ended> => desk.chaos(['secrets', 'print', '-sf', file, ...more], options)

  it('opens a file, in a home of its own, and leaves the keyring of the user as it is', async () => {
    expect((await print({ env: empty.env })).code).toBe(1)
    expect(await print({ env: empty.env }, '-p', 'box.gpg')).toEqual({ code: 0, stdout: PLAIN, stderr: '' })
    expect(empty.gpg('--list-secret-keys').stdout).toBe('')
  })

  it('does not keep the keys of the user from being used', async () => {
    const other = makeKeyring()
    try {
      box.put('strange', other.gpg('--armor', '--export-secret-keys', other.make('chaos stranger')).stdout)
      expect(await print({ env: theirs.env }, '-p', 'box.gpg:strange')).toMatchObject({ code: 0, stdout: PLAIN })
      expect(await print({ env: empty.env }, '-p', 'box.gpg:strange')).toMatchObject({ code: 1, stderr: expect.stringContaining('no key at hand opens it') as string })
    } finally {
      other.remove()
    }
  })

  it.each([
    ['a public key', () => theirs.gpg('--armor', '--export', fingerprint).stdout, /holds no private PGP key/],
    ['something else in its armour', () => '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nY2FuYXJ5\n-----END PGP PRIVATE KEY BLOCK-----\n', /gpg finds no private key in it/],
    ['other fingerprints than it has', () => `# fingerprints: ['${'A'.repeat(40)}']\n${theirs.gpg('--armor', '--export-secret-keys', fingerprint).stdout}`, /whose private part is not in it/],
  ])('is refused with %s', async (_, text, said) => {
    box.put('odd', text())
    expect(await print({ env: empty.env }, '-p', 'box.gpg:odd')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(said) as string })
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('goes with a run that is ended by %s, its agent too', async (signal) => {
    const started = path.join(desk.folder, `started-${signal}`)
    const editor = desk.write('wait.sh', `#!/bin/sh\necho $$ > ${started}\nexec sleep 100\n`)
    chmodSync(editor, 0o755)
    const { child, ended } = desk.start(['secrets', 'edit', '-sf', file, '-p', 'box.gpg'], { env: { ...empty.env, EDITOR: editor, VISUAL: '' } })
    await until(() => existsSync(started) && readFileSync(started, 'utf8') !== '', 'the editor runs')
    const { folders, agents } = inMemoryOf(child.pid)
    expect([folders.length, agents.length]).toEqual([1, 1])
    child.kill(signal)
    // Ctrl-C reaches both at a terminal.
    if (signal === 'SIGINT') process.kill(Number(readFileSync(started, 'utf8')), signal)
    expect((await ended).code).not.toBe(0)
  })

  it('that a killed run left goes with the next one', async () => {
    const started = path.join(desk.folder, 'started-kill')
    const editor = desk.write('wait.sh', `#!/bin/sh\necho $$ > ${started}\nexec sleep 100\n`)
    chmodSync(editor, 0o755)
    const { child, ended } = desk.start(['secrets', 'edit', '-sf', file, '-p', 'box.gpg'], { env: { ...empty.env, EDITOR: editor, VISUAL: '' } })
    await until(() => existsSync(started) && readFileSync(started, 'utf8') !== '', 'the editor runs')
    child.kill('SIGKILL')
    process.kill(Number(readFileSync(started, 'utf8')))
    await ended
    expect(leftInMemory(desk).folders).toHaveLength(1)
    const shown = await desk.chaos(['secrets', 'edit', '-sf', file, '-p', 'box.gpg'], { env: { ...empty.env, EDITOR: 'true', VISUAL: '' } })
    expect(shown.stderr).toBe('Nothing was changed.\n')
  })
})
