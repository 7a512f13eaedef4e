import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { encryptSops, newIdentity } from '@chaos/sops'
import { buildIfStale, CHAOS, makeDesk } from '../command-line.ts'
import type { Desk } from '../command-line.ts'
import { openTerminal } from '../terminal.ts'
import { addVault, addWriter, filesOf } from './support.ts'
import type { Vault } from './support.ts'

const CANARY = 'canary-of-the-vault'
const PLAIN = `app:\n  password: ${CANARY}\n  user: canary-of-another\n`

let desk: Desk
let vault: Vault
beforeAll(() => buildIfStale(), 300_000)
beforeEach(async () => {
  desk = makeDesk()
  vault = await addVault(desk, PLAIN)
  addWriter(desk)
  desk.write('ch-obolo.yml', `writes: ${desk.folder}/made\n`)
})
afterEach(() => desk.remove())

const made = (): string => readFileSync(path.join(desk.folder, 'made'), 'utf8')

describe('apply --secrets', () => {
  it.each([['-s'], ['--secrets'], ['-sy']])('with %s gives a role just the secrets it declares, and shows none', async (flag) => {
    const { code, stdout, stderr } = await desk.chaos(['apply', flag, '-y', '-vvv', '--diff'])
    expect([code, made()]).toEqual([0, CANARY])
    expect([stdout, stderr, ...Object.values(filesOf(desk, ['made']))].join('\n')).not.toContain('canary-of')
  })

  it('reads the file that -sf names, which needs no -s', async () => {
    desk.write('config/config.yml', '')
    const other = desk.write('other.yml', readFileSync(vault.file, 'utf8'))
    expect([(await desk.chaos(['apply', '-y', '-sf', other])).code, made()]).toEqual([0, CANARY])
  })

  it('reads the file that the Ch-obolo names when nothing else does, relative to it', async () => {
    desk.write('config/config.yml', '')
    desk.write('ch-obolo.yml', `writes: ${desk.folder}/made\nsecrets: { sec_file: secrets.yml }\n`)
    expect([(await desk.chaos(['apply', '-y', '-s'])).code, made()]).toEqual([0, CANARY])
  })

  it('opens the file with an identity of SOPS_AGE_KEY, of SOPS_AGE_KEY_FILE and of the place of sops', async () => {
    writeFileSync(path.join(desk.folder, 'config/keys.txt'), '')
    const mine = desk.write('mine.txt', vault.identity)
    expect((await desk.chaos(['apply', '-ys'])).code).toBe(1)
    expect((await desk.chaos(['apply', '-ys'], { env: { SOPS_AGE_KEY: vault.identity } })).code).toBe(0)
    expect((await desk.chaos(['apply', '-ys'], { env: { SOPS_AGE_KEY_FILE: mine } })).code).toBe(0)
    desk.write('xdg/sops/age/keys.txt', vault.identity)
    expect((await desk.chaos(['apply', '-ys'], { env: { XDG_CONFIG_HOME: path.join(desk.folder, 'xdg') } })).code).toBe(0)
  })

  it('gives everything to a role that declares "."', async () => {
    addWriter(desk, "secrets: ['.'],")
    expect([(await desk.chaos(['apply', '-ys'])).code, made()]).toEqual([0, 'app'])
  })

  it('names the role and the key when the file does not have it, and changes nothing', async () => {
    addWriter(desk, "secrets: ['app.password', 'app.token'],")
    const { code, stderr } = await desk.chaos(['apply', '-ys'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/role writer needs the secret app\.token/)])
    expect(made).toThrow('ENOENT')
  })

  it('lets a role that does without run when the file does not have its key', async () => {
    addWriter(desk, "secrets: ['app.token'], needsSecrets: false,")
    expect([(await desk.chaos(['apply', '-ys'])).code, made()]).toEqual([0, ''])
  })

  it('gives user_secrets to the role users', async () => {
    desk.write('secrets.yml', await encryptSops('user_secrets: canary\n', { file: vault.file, groups: [[{ kind: 'age', id: vault.recipient }]] }))
    desk.write('ch-obolo.yml', 'users:\n  - { name: root }\n')
    const { stdout, stderr } = await desk.chaos(['apply', 'users', '--dry', '-s'])
    expect(`${stdout}${stderr}`).toContain('The secrets do not hold passwords as the role users reads them: user_secrets is a map of names')
    expect(`${stdout}${stderr}`).not.toContain('canary')
  })

  it('says that the file is encrypted for others than the config of sops says', async () => {
    const { recipient } = await newIdentity()
    const other = desk.write('other-sops.yml', `creation_rules:\n  - age: ${recipient}\n`)
    const { code, stderr } = await desk.chaos(['apply', '-y', '-ss', other])
    expect([code, stderr]).toEqual([0, expect.stringContaining('is encrypted for others')])
  })

  it('says what to do when no secrets file is named', async () => {
    desk.write('config/config.yml', '')
    const { code, stderr } = await desk.chaos(['apply', '-ys'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('chaos set secrets')])
  })
})

describe('a role in the short form', () => {
  const ASKED = /role taker of taker wants secrets of .*: everything/
  beforeEach(() => {
    desk.addPlugin('taker', { roles: { taker: './index' } }, `import { defineRole, isSecret } from '@chaos/core'
import { files } from '@chaos/operations'
export default defineRole(function* ({ secrets }) {
  yield files.put({ path: ${JSON.stringify(path.join(desk.folder, 'made'))}, content: secrets.app?.password ?? 'none of ' + Object.keys(secrets).length })
  if (secrets.app && !isSecret(secrets.app.user)) throw new Error('It stands in clear.')
})
`)
    desk.write('ch-obolo.yml', '{}\n')
  })
  const named = (...names: string[]): string => desk.write('config/config.yml', `secrets_file: ${vault.file}\nsecret_plugins: ${JSON.stringify(names)}\n`)

  it('that secret_plugins names gets the whole tree as Secrets, with consent', async () => {
    named('taker')
    const { code, stdout, stderr } = await desk.chaos(['apply', 'taker', '-sy', '-vvv', '--diff'])
    expect([code, made(), `${stdout}${stderr}`.includes('canary-of')]).toEqual([0, CANARY, false])
    expect(await desk.chaos(['apply', 'taker', '-s', '--dry'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/taker of taker wants secrets \(everything\).*--yes/s) })
  })

  it('that the user gives none ends the run', async () => {
    named('taker')
    const terminal = openTerminal(desk, ['apply', 'taker', '-s'])
    await terminal.shows(ASKED)
    terminal.type('n')
    expect(await terminal.ended).toBe(1)
    expect(made).toThrow('ENOENT')
  })

  it('gets none without -s, and none where it is not named; a name that is no such role is told', async () => {
    named('taker')
    expect([(await desk.chaos(['apply', 'taker', '-y'])).code, made()]).toEqual([0, 'none of 0'])
    named('writer', 'nobody')
    desk.write('ch-obolo.yml', `writes: ${desk.folder}/made\n`)
    const { code, stderr } = await desk.chaos(['apply', 'taker', 'writer', '-sy', '--dry'])
    expect([code, stderr]).toEqual([0, expect.stringMatching(/writer, which declares its secrets itself[^]*nobody, and no such role/)])
    desk.write('config/config.yml', 'secret_plugins: taker\n')
    expect(await desk.chaos(['apply', 'taker', '-y'])).toMatchObject({ code: 2, stderr: expect.stringContaining('secret_plugins') })
  })
})

describe('consent to a role of somebody else', () => {
  it('names the role, its package and the keys', async () => {
    const terminal = openTerminal(desk, ['apply', '-s', '--dry'])
    await terminal.shows(/role writer of writer wants secrets of .*: app\.password/)
    terminal.type('n')
    expect(await terminal.ended).toBe(1)
    expect(terminal.raw()).toContain('was not given the secrets')
  })

  it('that was given lets it go on', async () => {
    const terminal = openTerminal(desk, ['apply', '-s'])
    await terminal.shows(/May it have them/)
    terminal.type('y')
    await terminal.shows(/Apply 1 change/)
    terminal.type('y')
    expect(await terminal.ended).toBe(0)
    expect(made()).toBe(CANARY)
    expect(terminal.raw()).not.toContain('canary-of')
  })

  it('cannot be had without a terminal: -y is needed, even for a dry run', async () => {
    const { code, stderr } = await desk.chaos(['apply', '-s', '--dry'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/nobody to ask.*--yes/s)])
    expect((await desk.chaos(['apply', '-s', '--dry', '-y'])).code).toBe(0)
  })
})

describe('what is loaded', () => {
  const HOOK = `data:text/javascript,${encodeURIComponent(`
    import { register } from 'node:module'
    register('data:text/javascript,' + encodeURIComponent("import { writeSync } from 'node:fs'\\nexport async function resolve(s, c, next) { const r = await next(s, c); writeSync(2, 'LOADED ' + r.url + '\\\\n'); return r }"))
  `)}`
  const ofSecrets = (args: readonly string[]): string[] => {
    const env = { ...process.env, HOME: desk.folder, XDG_STATE_HOME: path.join(desk.folder, 'state'), CHAOS_STATE_FOLDER: path.join(desk.folder, 'machine'), CHAOS_CONFIG_DIR: path.join(desk.folder, 'config') }
    const { status, stderr } = spawnSync(process.execPath, ['--import', HOOK, CHAOS, ...args], { encoding: 'utf8', cwd: desk.folder, env })
    expect(status, stderr).toBe(0)
    const urls = stderr.split('\n').filter((line) => line.startsWith('LOADED ')).map((line) => line.replace(/^.*\/packages\//, ''))
    return [...new Set(urls.filter((url) => /sops|secrets|for-roles|recipients|age-encryption/.test(url)))]
  }

  it('is nothing of secrets without --secrets, and no decryption where no role declares any', async () => {
    desk.addSteps()
    desk.write('ch-obolo.yml', 'steps: ["true"]\n')
    expect(ofSecrets(['apply', 'steps', '-y'])).toEqual([])
    expect(ofSecrets(['apply', 'steps', '-y', '-s']).some((url) => url.startsWith('sops/'))).toBe(false)
    desk.write('ch-obolo.yml', `writes: ${desk.folder}/made\n`)
    expect(ofSecrets(['apply', 'writer', '-y', '-s']).some((url) => url.startsWith('sops/'))).toBe(true)
  })
})

describe('set', () => {
  it.each([['secrets', 'secrets_file'], ['sec', 'secrets_file'], ['se', 'secrets_file'], ['sops', 'sops_file'], ['sop', 'sops_file']])('set %s remembers %s as an absolute path', async (what, key) => {
    desk.write('config/config.yml', '# mine\n')
    expect((await desk.chaos(['set', what, 'secrets.yml'])).code).toBe(0)
    expect(readFileSync(path.join(desk.folder, 'config/config.yml'), 'utf8')).toContain(`${key}: ${desk.folder}/secrets.yml`)
    expect(await desk.chaos(['set', what, 'nowhere.yml'])).toMatchObject({ code: 2, stderr: expect.stringContaining('no file') })
  })
})
