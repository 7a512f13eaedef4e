import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inspectSops, newIdentity } from '@chaos/sops'
import { revealSecret } from '@chaos/core'
import { buildIfStale, makeDesk, processesWith, until } from '../command-line.ts'
import type { Desk, Ended } from '../command-line.ts'
import { openTerminal } from '../terminal.ts'
import { addVault, filesOf, inMemoryOf } from './support.ts'
import type { Vault } from './support.ts'

const PLAIN = '# of the app\napp:\n  password: hunter2\n  ports: [80, 443]\nanswer: 42\n'

let desk: Desk
let vault: Vault
beforeAll(() => buildIfStale(), 300_000)
beforeEach(async () => {
  desk = makeDesk()
  vault = await addVault(desk, PLAIN)
})
afterEach(() => desk.remove())

const secrets = (...args: string[]): Promise<Ended> => desk.chaos(['secrets', ...args])
const file = (): string => readFileSync(vault.file, 'utf8')
const printed = async (): Promise<string> => (await secrets('print')).stdout
/** An editor that is this script; $1 is the file. */
function editor(script: string): Record<string, string> {
  const program = desk.write('editor.sh', `#!/bin/sh\n${script}\n`)
  chmodSync(program, 0o755)
  return { EDITOR: program, VISUAL: '' }
}
const inMemory = (): string[] => inMemoryOf(desk)

describe('print and cat', () => {
  it('print the file in clear, and as JSON', async () => {
    expect(await secrets('print')).toEqual({ code: 0, stdout: PLAIN, stderr: '' })
    expect(JSON.parse((await secrets('print', '-j')).stdout)).toEqual({ app: { password: 'hunter2', ports: [80, 443] }, answer: 42 })
  })

  it.each([
    [['app.password'], 'app.password: hunter2\n'],
    [['app.password', 'answer', '-v'], 'hunter2\n42\n'],
    [['app.ports[1]', '-v'], '443\n'],
    [['app', '-v'], 'password: hunter2\nports:\n  - 80\n  - 443\n'],
    [['app.password', 'answer', '-j'], '{"app.password":"hunter2"}\n{"answer":42}\n'],
  ])('cat %j prints %j', async (args, stdout) => {
    expect(await secrets('cat', ...args)).toEqual({ code: 0, stdout, stderr: '' })
  })

  it('cat prints nothing at all when one of the keys is missing', async () => {
    expect(await secrets('cat', 'answer', 'app.token')).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining('has no app.token') })
  })

  it('check secrets lists the keys without a key at hand', async () => {
    desk.write('config/keys.txt', '')
    expect(await desk.chaos(['check', 'secrets'])).toEqual({ code: 0, stdout: 'app.password\napp.ports[0]\napp.ports[1]\nanswer\n', stderr: '' })
    expect(JSON.parse((await desk.chaos(['check', 'secrets', '-j', '-sf', vault.file])).stdout)).toHaveLength(4)
  })
})

describe('set', () => {
  it('sets a value from stdin, and changes only its ciphertext', async () => {
    const before = file()
    expect((await desk.chaos(['secrets', 'set', 'app.password'], { stdin: 'better\n' })).code).toBe(0)
    expect(await printed()).toBe(PLAIN.replace('hunter2', 'better'))
    const line = (text: string, key: string): string | undefined => text.split('\n').find((each) => each.includes(`${key}:`))
    expect(line(file(), 'answer')).toBe(line(before, 'answer'))
    expect(line(file(), 'password')).not.toBe(line(before, 'password'))
  })

  it.each([['lines\nof text'], ['with: colon # and "quotes"'], ['nul\0here'], [' spaces '], ['5']])('keeps %j as the text it is', async (value) => {
    expect((await desk.chaos(['secrets', 'set', 'new.key'], { stdin: value })).code).toBe(0)
    expect(JSON.parse((await secrets('cat', 'new.key', '-j')).stdout)).toEqual({ 'new.key': value })
  })

  it('asks for it at a terminal, and does not show it', async () => {
    const terminal = openTerminal(desk, ['secrets', 'set', 'app.password'])
    await terminal.shows(/Value of app\.password/)
    terminal.type('canary-typed\r')
    expect(await terminal.ended).toBe(0)
    expect(terminal.raw()).not.toContain('canary-typed')
    expect((await secrets('cat', 'app.password', '-v')).stdout).toBe('canary-typed\n')
  })

  it('keeps mode and links, and refuses what is no key, no text or nothing', async () => {
    chmodSync(vault.file, 0o640)
    const link = path.join(desk.folder, 'link.yml')
    symlinkSync(vault.file, link)
    expect((await desk.chaos(['secrets', 'set', 'answer', '-sf', link], { stdin: 'x' })).code).toBe(0)
    expect([statSync(vault.file).mode & 0o777, (await secrets('cat', 'answer', '-v')).stdout]).toEqual([0o640, 'x\n'])
    expect((await desk.chaos(['secrets', 'set', 'a..b'], { stdin: 'x' })).code).toBe(2)
    expect((await desk.chaos(['secrets', 'set', 'a'])).stderr).toContain('Nothing stands on stdin')
    expect(await desk.chaos(['secrets', 'set', 'answer', 'canary'], { stdin: 'x' })).toMatchObject({ code: 2, stderr: expect.stringMatching(/^(?!.*canary).*Too many arguments/s) })
    expect(await desk.chaos(['secrets', 'print', 'answer'])).toMatchObject({ code: 2, stdout: '' })
    expect((await desk.chaos(['secrets', 'set', 'answer.deeper'], { stdin: 'canary' })).stderr).not.toContain('canary')
  })
})

it('a file whose comments are in another encoding is left as it is, and not read with signs that stand for others', async () => {
  const bytes = Buffer.concat([Buffer.from('# caf\u00e9\n', 'latin1'), readFileSync(vault.file)])
  writeFileSync(vault.file, bytes)
  expect(await desk.chaos(['secrets', 'set', 'answer'], { stdin: 'x' })).toMatchObject({ code: 2, stderr: expect.stringContaining('is no text in UTF-8') })
  expect(readFileSync(vault.file).equals(bytes)).toBe(true)
})

describe('edit', () => {
  it('gives the editor a private file in memory, encrypts what it wrote, and leaves nothing', async () => {
    const env = editor(`stat -c '%a %n' "$1" "$(dirname "$1")" > ${desk.folder}/seen; sed -i s/hunter2/better/ "$1"; echo left > "$(dirname "$1")/.swp"`)
    expect((await desk.chaos(['secrets', 'edit'], { env })).code).toBe(0)
    expect(readFileSync(path.join(desk.folder, 'seen'), 'utf8')).toMatch(/^600 \/dev\/shm\/chaos-edit-.*\/secrets\.yml\n700 \/dev\/shm\/chaos-edit-/)
    expect([await printed(), inMemory()]).toEqual([PLAIN.replace('hunter2', 'better'), []])
  })

  it('leaves the file byte for byte when nothing was changed', async () => {
    const before = file()
    expect(await desk.chaos(['secrets', 'edit'], { env: editor('true') })).toMatchObject({ code: 0, stderr: 'Nothing was changed.\n' })
    expect(file()).toBe(before)
  })

  it.each([
    ['fails', 'echo canary > "$1"; exit 3', 1, /ended with 3/],
    ['is killed', 'kill -9 $$', 1, /SIGKILL/],
    ['takes the file away', 'rm "$1"', 1, /no file that can be read/],
    ['writes no YAML', 'printf "a: [canary" > "$1"', 2, /secrets\.yml/],
    ['leaves nothing', ': > "$1"', 1, /left an empty file/],
    ['writes no text', 'printf "a: \\377" > "$1"', 1, /no text in UTF-8/],
  ])('keeps the old file, shows no secret and leaves nothing when the editor %s', async (_, script, code, said) => {
    const before = file()
    const ended = await desk.chaos(['secrets', 'edit'], { env: editor(script) })
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(said) })
    expect(ended.stderr).not.toMatch(/canary|hunter2/)
    expect([file(), inMemory()]).toEqual([before, []])
  })

  it('leaves a link alone that has the name of such a folder: whoever made it means no good', async () => {
    const link = `/dev/shm/chaos-edit-999999999-${randomUUID()}`
    symlinkSync(desk.folder, link)
    try {
      expect((await desk.chaos(['secrets', 'edit'], { env: editor('true') })).code).toBe(0)
      expect(existsSync(link)).toBe(true)
    } finally {
      rmSync(link)
    }
  })

  const vim = spawnSync('vim', ['--version']).status === 0 ? '' : ' (needs vim)'
  it.skipIf(vim)(`keeps Vim from leaving swap files, undo files, copies and registers on the disk${vim}`, async () => {
    desk.write('.vimrc', 'set nocompatible undofile undodir=~ backup backupdir=~ directory=~ updatecount=1 updatetime=1 viminfo=\'100,n~/.viminfo\n')
    const terminal = openTerminal(desk, ['secrets', 'edit'], { EDITOR: 'vim', VISUAL: '' })
    await terminal.shows('hunter2')
    terminal.type('Gobetter: hunter2-again\u001b:wq\r')
    expect(await terminal.ended).toBe(0)
    expect(await printed()).toContain('better: hunter2-again')
    const left = Object.entries(filesOf(desk, ['secrets.yml'])).filter(([name, text]) => /(hunter2|better)/.test(text) || /\.(sw.|un~)$/.test(name))
    expect(left.map(([name]) => name)).toEqual([])
  })

  it('says so when the editor is not there', async () => {
    expect(await desk.chaos(['secrets', 'edit'], { env: { EDITOR: 'no-such-editor', VISUAL: '' } })).toMatchObject({ code: 1, stderr: expect.stringContaining('Name one that is installed') })
  })

  it('lets somebody at a terminal go on after a mistake', async () => {
    const env = editor('if grep -q broken "$1"; then echo "good: yes-it-is" > "$1"; else echo "[broken" > "$1"; fi')
    const terminal = openTerminal(desk, ['secrets', 'edit'], env)
    await terminal.shows(/Edit it again/)
    terminal.type('y')
    expect(await terminal.ended).toBe(0)
    expect(await printed()).toBe('good: yes-it-is\n')
  })

  it('does not write over what somebody else changed meanwhile', async () => {
    const ended = await desk.chaos(['secrets', 'edit'], { env: editor(`echo "# theirs" >> ${vault.file}; echo "mine: 1" > "$1"`) })
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('changed by somebody else') })
    expect(file().endsWith('# theirs\n')).toBe(true)
  })

  it.each(['SIGTERM', 'SIGHUP'] as const)('ends with its editor on %s, and leaves nothing in clear', async (signal) => {
    const before = file()
    const started = path.join(desk.folder, 'started')
    const { child, ended } = desk.start(['secrets', 'edit'], { env: editor(`echo $$ > ${started}; exec sleep 100`) })
    await until(() => existsSync(started) && readFileSync(started, 'utf8') !== '', 'the editor runs')
    child.kill(signal)
    expect((await ended).code).toBe(130)
    expect([file(), inMemory()]).toEqual([before, []])
    expect(() => process.kill(Number(readFileSync(started, 'utf8')), 0)).toThrow('ESRCH')
  })

  it('that was killed leaves the old file, nothing on the disk, and what is in memory goes with the next one', async () => {
    const before = file()
    const started = path.join(desk.folder, 'started')
    const { child, ended } = desk.start(['secrets', 'edit'], { env: editor(`echo $$ > ${started}; exec sleep 100`) })
    await until(() => existsSync(started) && readFileSync(started, 'utf8') !== '', 'the editor runs')
    child.kill('SIGKILL')
    process.kill(Number(readFileSync(started, 'utf8')))
    await ended
    expect(file()).toBe(before)
    expect(Object.values(filesOf(desk)).join('\n')).not.toContain('hunter2')
    await desk.chaos(['secrets', 'edit'], { env: editor('true') })
    expect(inMemory()).toEqual([])
  })

  it('opens the config of sops with -s', async () => {
    expect((await desk.chaos(['secrets', 'edit', '-s'], { env: editor(`echo "$1" > ${desk.folder}/seen`) })).code).toBe(0)
    expect(readFileSync(path.join(desk.folder, 'seen'), 'utf8')).toBe(`${desk.folder}/sops-config.yml\n`)
  })
})

describe('update', () => {
  it('encrypts for whom the config of sops says, and takes a new data key when somebody goes', async () => {
    const other = await newIdentity()
    const rules = path.join(desk.folder, 'sops-config.yml')
    writeFileSync(rules, `creation_rules:\n  - age: ${vault.recipient},${other.recipient}\n`)
    expect((await secrets('update')).stderr).toContain(`+ age ${other.recipient}`)
    expect(await desk.chaos(['secrets', 'print'], { env: { SOPS_AGE_KEY: revealSecret(other.identity) } })).toMatchObject({ code: 0, stdout: PLAIN })
    const answer = (): string | undefined => /answer: .*/.exec(file())?.[0]
    const before = answer()
    writeFileSync(rules, `creation_rules:\n  - age: ${vault.recipient}\n`)
    expect((await secrets('update')).stderr).toMatch(/- age .*change the secrets themselves/s)
    expect(answer()).not.toBe(before)
    expect(inspectSops(file(), { file: vault.file }).groups.flat().map(({ id }) => id)).toEqual([vault.recipient])
    expect((await secrets('update')).stderr).toContain('already')
    expect(await printed()).toBe(PLAIN)
  })
})

describe('init secrets', () => {
  const config = (name: string): string => path.join(desk.folder, 'new', name)
  const env = (): Record<string, string> => ({ CHAOS_CONFIG_DIR: path.join(desk.folder, 'new') })

  it('makes a key, a config of sops and a secrets file that work at once, for others too, and leaves them when run again', async () => {
    const other = await newIdentity()
    expect((await desk.chaos(['init', 'secrets', '-y', '--recipient', other.recipient], { env: env() })).code).toBe(0)
    expect([statSync(config('keys.txt')).mode & 0o777, statSync(config('secrets.yml')).mode & 0o777]).toEqual([0o600, 0o600])
    expect((await desk.chaos(['secrets', 'set', 'user_secrets.ana.password'], { env: env(), stdin: 'x' })).code).toBe(0)
    expect((await desk.chaos(['secrets', 'cat', 'user_secrets', '-j'], { env: { ...env(), SOPS_AGE_KEY: revealSecret(other.identity) } })).stdout).toBe('{"user_secrets":{"ana":{"password":"x"}}}\n')
    const before = ['keys.txt', 'sops-config.yml', 'secrets.yml'].map((name) => readFileSync(config(name), 'utf8'))
    expect((await desk.chaos(['init', 'secrets', '-y'], { env: env() })).code).toBe(0)
    expect(['keys.txt', 'sops-config.yml', 'secrets.yml'].map((name) => readFileSync(config(name), 'utf8'))).toEqual(before)
  })

  it('asks at a terminal what it makes and for whom', async () => {
    const terminal = openTerminal(desk, ['init', 'secrets'], env())
    await terminal.shows(/Who else may read them/)
    terminal.type('\r')
    await terminal.shows(/Make .*keys\.txt/)
    terminal.type('y')
    expect(await terminal.ended).toBe(0)
    expect((await desk.chaos(['check', 'secrets'], { env: env() })).code).toBe(0)
  })

  it('encrypts a file that is there in clear', async () => {
    mkdirSync(path.join(desk.folder, 'new'))
    const clear = desk.write('new/vault.yml', PLAIN)
    expect((await desk.chaos(['init', 'secrets', '-y', '-sf', clear], { env: env() })).code).toBe(0)
    expect(readFileSync(clear, 'utf8')).not.toContain('hunter2')
    expect((await desk.chaos(['secrets', 'print'], { env: env() })).stdout).toBe(PLAIN)
  })

  it('makes nothing for a recipient that is none, or where nobody can be asked', async () => {
    expect((await desk.chaos(['init', 'secrets', '-y', '--recipient', 'age1nobody'], { env: env() })).code).toBe(2)
    expect((await desk.chaos(['init', 'secrets'], { env: env() })).code).toBe(2)
    expect(existsSync(config('keys.txt'))).toBe(false)
  })
})

describe('bad files', () => {
  it.each<[string, string, (text: string) => string, number, RegExp]>([
    ['no key', 'config/keys.txt', () => '', 1, /no key at hand opens it/],
    ['rubbish for a key', 'config/keys.txt', () => 'AGE-SECRET-KEY-1CANARY\n', 2, /line 1 is no age identity/],
    ['a value that was changed', 'secrets.yml', (text) => text.replace(/(password: ENC\[AES256_GCM,data:)./, '$1_'), 1, /app\.password/],
    ['a key that was renamed', 'secrets.yml', (text) => text.replace('password:', 'passwords:'), 1, /app\.passwords/],
    ['a value that was taken away', 'secrets.yml', (text) => text.replace(/^ +password:.*\n/m, ''), 1, /MAC mismatch/],
    ['a file that was cut off', 'secrets.yml', (text) => text.slice(0, -300), 1, /secrets\.yml/],
    ['a file in clear', 'secrets.yml', () => 'a: hunter2\n', 2, /secrets\.yml/],
  ])('%s is told, and nothing is shown', async (_, name, spoil, code, said) => {
    desk.write(name, spoil(readFileSync(path.join(desk.folder, name), 'utf8')))
    const ended = await secrets('print')
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(said) })
    expect(ended.stderr).not.toMatch(/hunter2|CANARY/)
  })

  it('a wrong key is told, with whose key would do', async () => {
    desk.write('config/keys.txt', revealSecret((await newIdentity()).identity))
    expect(await secrets('print')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(vault.recipient) })
  })

  const unshare = spawnSync('unshare', ['--mount', '--map-root-user', 'true']).status === 0
  it.skipIf(!unshare)('a full disk leaves the old file, and no half of a new one', async () => {
    const before = file()
    mkdirSync(path.join(desk.folder, 'full'))
    const script = `mount -t tmpfs -o size=8k none full && cp secrets.yml full/ && { head -c 100000 /dev/zero > full/fill; "$@"; code=$?; cmp secrets.yml full/secrets.yml && ls -A full; exit $code; }`
    const chaos = path.join(import.meta.dirname, '../../bin/chaos.js')
    const { status, stdout, stderr } = spawnSync('unshare', ['--mount', '--map-root-user', 'sh', '-c', script, 'sh', process.execPath, chaos, 'secrets', 'set', 'app.password', '-sf', 'full/secrets.yml'], {
      cwd: desk.folder, input: 'canary-for-a-full-disk', encoding: 'utf8', env: { ...process.env, CHAOS_CONFIG_DIR: path.join(desk.folder, 'config') },
    })
    expect([status, stdout, file()]).toEqual([1, 'fill\nsecrets.yml\n', before])
    expect(stderr).toContain('the disk is full')
  })
})

it('nothing that runs meanwhile has a secret among its arguments or in its environment', async () => {
  const started = path.join(desk.folder, 'started')
  // Of this test alone: others beside it have secrets too, and the key in the environment of what they start.
  const mark = randomUUID()
  vault = await addVault(desk, PLAIN.replace('hunter2', mark))
  const { child, ended } = desk.start(['secrets', 'edit'], { env: editor(`grep -q ${mark.slice(0, 8)}"${mark.slice(8)}" "$1" && echo $$ > ${started}; exec sleep 100`) })
  await until(() => existsSync(started) && readFileSync(started, 'utf8') !== '', 'the editor runs')
  expect([processesWith(mark), processesWith(vault.identity.trim())]).toEqual([[], []])
  child.kill('SIGTERM')
  await ended
})
