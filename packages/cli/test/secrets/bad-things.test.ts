import { spawnSync } from 'node:child_process'
import { spawn } from '@lydell/node-pty'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newIdentity } from '@chaos/sops'
import { buildIfStale, CHAOS, makeDesk, until } from '../command-line.ts'
import type { Desk } from '../command-line.ts'
import { openTerminal } from '../terminal.ts'
import { addVault, filesOf } from './support.ts'
import type { Vault } from './support.ts'

const PLAIN = 'app:\n  password: canary-in-clear\n'

let desk: Desk
let vault: Vault
beforeAll(async () => {
  buildIfStale()
  desk = makeDesk()
}, 300_000)
beforeEach(async () => void (vault = await addVault(desk, PLAIN)))
afterAll(() => desk.remove())

const file = (): string => readFileSync(vault.file, 'utf8')
const printed = async (): Promise<string> => (await desk.chaos(['secrets', 'print'])).stdout

/** An editor that is this script; $1 is the file. */
function editor(script: string): Record<string, string> {
  const program = desk.write('editor.sh', `#!/bin/sh\n${script}\n`)
  chmodSync(program, 0o755)
  return { EDITOR: program, VISUAL: '' }
}

it('two edits at once: the second to end leaves what the first wrote, and says so', async () => {
  const env = editor(`echo $$ >> ${desk.folder}/open; until [ -e ${desk.folder}/go ]; do sleep 0.05; done; sed -i s/clear/$WHO/ "$1"`)
  const slow = desk.start(['secrets', 'edit'], { env: { ...env, WHO: 'second' } })
  await until(() => existsSync(path.join(desk.folder, 'open')), 'the first editor is open')
  expect((await desk.chaos(['secrets', 'edit'], { env: editor('sed -i s/clear/first/ "$1"') })).code).toBe(0)
  desk.write('go', '')
  expect(await slow.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('changed by somebody else') })
  expect(await printed()).toBe(PLAIN.replace('clear', 'first'))
})

const unshare = spawnSync('unshare', ['--mount', '--map-root-user', 'true']).status === 0 ? '' : ' (needs mounts of its own)'
describe.skipIf(unshare)(`where the disk or the memory is not as it should be${unshare}`, () => {
  /** Runs chaos behind a script that sees the command as "$@", with mounts of its own. */
  function apart(script: string, args: readonly string[], env: Record<string, string> = {}): { status: number | null; stdout: string; stderr: string } {
    return spawnSync('unshare', ['--mount', '--map-root-user', 'sh', '-c', script, 'sh', process.execPath, CHAOS, 'secrets', ...args], {
      cwd: desk.folder, encoding: 'utf8', env: { ...process.env, ...env, CHAOS_CONFIG_DIR: path.join(desk.folder, 'config'), HOME: desk.folder, TMPDIR: path.join(desk.folder, 'tmp') },
    })
  }
  const FULL = 'mkdir -p full; mount -t tmpfs -o size=8k none full && cp secrets.yml full/ && { head -c 100000 /dev/zero > full/fill; "$@"; code=$?; cmp secrets.yml full/secrets.yml && ls -A full; exit $code; } 2>&1'

  it('a disk that is full when an edit or an update is written leaves the old file alone', async () => {
    const edited = apart(FULL, ['edit', '-sf', 'full/secrets.yml'], editor('sed -i s/clear/changed/ "$1"'))
    expect([edited.status, edited.stdout]).toEqual([1, expect.stringMatching(/the disk is full.*\nfill\nsecrets\.yml\n$/s)])
    expect(edited.stdout).not.toContain('canary')
    const { recipient } = await newIdentity()
    writeFileSync(path.join(desk.folder, 'sops-config.yml'), `creation_rules:\n  - age: ${vault.recipient},${recipient}\n`)
    const updated = apart(FULL, ['update', '-sf', 'full/secrets.yml'])
    expect([updated.status, updated.stdout]).toEqual([1, expect.stringMatching(/the disk is full.*\nfill\nsecrets\.yml\n$/s)])
  })

  it('a /dev/shm that is on a disk takes no secret, unless the disk is allowed, and then nothing is left there', () => {
    mkdirSync(path.join(desk.folder, 'disk'), { recursive: true })
    mkdirSync(path.join(desk.folder, 'tmp'), { recursive: true })
    const onDisk = 'mount --bind disk /dev/shm && "$@"'
    const seen = path.join(desk.folder, 'seen')
    const env = editor(`echo "$1" > ${seen}; sed -i s/clear/changed/ "$1"`)
    const refused = apart(onDisk, ['edit'], env)
    expect([refused.status, refused.stderr, existsSync(seen)]).toEqual([2, expect.stringMatching(/--allow-disk/), false])
    const allowed = apart(onDisk, ['edit', '--allow-disk'], env)
    expect([allowed.status, readFileSync(seen, 'utf8')]).toEqual([0, expect.stringContaining(`${desk.folder}/tmp/`)])
    expect([readdirSync(path.join(desk.folder, 'tmp')), readdirSync(path.join(desk.folder, 'disk'))]).toEqual([[], []])
    expect(Object.values(filesOf(desk)).join('\n')).not.toContain('canary-in')
  })
})

const noAge = spawnSync('age', ['--version']).error ? ' (needs age)' : ''
describe.skipIf(noAge)(`an age identity that is locked with a passphrase${noAge}`, () => {
  const WORDS = 'canary of four words'
  /** age itself takes a passphrase at a terminal alone. */
  async function lock(): Promise<void> {
    const clear = desk.write('clear.txt', vault.identity)
    const child = spawn('age', ['-p', '-o', path.join(desk.folder, 'config/keys.txt'), clear], { cols: 80, rows: 24 })
    let said = ''
    child.onData((text) => (said += text))
    const ended = new Promise<number>((resolve) => child.onExit(({ exitCode }) => resolve(exitCode)))
    await until(() => said.includes('Enter passphrase'), 'age asks')
    child.write(`${WORDS}\r`)
    await until(() => said.includes('Confirm'), 'age asks again')
    child.write(`${WORDS}\r`)
    expect(await ended).toBe(0)
    writeFileSync(clear, '')
  }

  it('is asked for at a terminal and not shown; a wrong one is told, and without a terminal there is a sentence', async () => {
    rmSync(path.join(desk.folder, 'config/keys.txt'))
    await lock()
    const right = openTerminal(desk, ['secrets', 'cat', 'app.password', '-v'])
    await right.shows(/Passphrase of .*keys\.txt/)
    right.type(`${WORDS}\r`)
    expect(await right.ended).toBe(0)
    expect(right.lines().at(-1)).toBe('canary-in-clear')
    expect(right.raw()).not.toContain(WORDS)
    const wrong = openTerminal(desk, ['secrets', 'cat', 'app.password', '-v'])
    await wrong.shows(/Passphrase of/)
    wrong.type('canary of other words\r')
    expect([await wrong.ended, wrong.raw().includes('the passphrase does not open them'), /canary/.test(wrong.raw())]).toEqual([2, true, false])
    const before = file()
    expect(await desk.chaos(['secrets', 'set', 'app.password'], { stdin: 'canary' })).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/passphrase/i) })
    expect(file()).toBe(before)
  })
})
