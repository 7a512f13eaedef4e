import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { revealSecret } from '@chaos/core'
import { inspectSops, newIdentity } from '@chaos/sops'
import { readSealed } from '../../src/secrets/open.ts'
import { sopsBinary } from '../../src/secrets/sops-binary.ts'
import { buildIfStale, makeDesk, processesWith } from '../command-line.ts'
import type { Desk, Ended, StartOptions } from '../command-line.ts'
import { addSops } from './sops/bench.ts'
import type { SopsBench } from './sops/bench.ts'
import { addWriter, filesOf, inMemoryOf } from './support.ts'

const PLAIN = '# of the app\napp:\n    password: canary-one\n    ports:\n        - 80\n        - 443\nport_unencrypted: 8080\n'

let desk: Desk
let bench: SopsBench
beforeAll(() => buildIfStale(), 300_000)
beforeEach(async () => {
  desk = makeDesk()
  bench = await addSops(desk, PLAIN)
})
afterEach(() => desk.remove())

const chaos = (args: readonly string[], { env, ...more }: StartOptions = {}): Promise<Ended> => desk.chaos(args, { ...more, env: { ...bench.env, ...env } })
const file = (): string => readFileSync(bench.file, 'utf8')
const inMemory = (): string[] => inMemoryOf(desk)
/** Files of the desk that hold a text in clear, the identity of the stand-in aside. */
const inClear = (): string[] => Object.entries(filesOf(desk)).filter(([, text]) => text.includes('canary-')).map(([name]) => name)
const called = (): string[] => bench.calls().map(({ words }) => words.filter((word) => !word.startsWith('/') && word !== '--config').join(' '))
function editor(script: string): Record<string, string> {
  const program = desk.write('editor.sh', `#!/bin/sh\n${script}\n`)
  chmodSync(program, 0o755)
  return { EDITOR: program, VISUAL: '' }
}

describe('a key that is not known here, with a stand-in for sops, true to its documented command line', () => {
  it('is read through its stdout by print and cat', async () => {
    expect(await chaos(['secrets', 'print'])).toEqual({ code: 0, stdout: PLAIN, stderr: '' })
    expect(await chaos(['secrets', 'cat', 'app.password', 'app.ports[1]', '-v'])).toEqual({ code: 0, stdout: 'canary-one\n443\n', stderr: '' })
    expect(bench.calls().map(({ words }) => words)).toEqual(Array.from({ length: 2 }, () => ['--config', bench.config, '--decrypt', bench.file]))
  })

  it('gives roles their Secrets in apply, and shows none', async () => {
    addWriter(desk)
    desk.write('ch-obolo.yml', `writes: ${desk.folder}/made\n`)
    const { code, stdout, stderr } = await chaos(['apply', '-sy', '-vvv', '--diff'])
    expect([code, readFileSync(path.join(desk.folder, 'made'), 'utf8'), `${stdout}${stderr}`.includes('canary-')]).toEqual([0, 'canary-one', false])
    expect([called(), inClear()]).toEqual([['--decrypt'], ['made']])
  })

  it('is set over stdin, in no argument, and the file is replaced as a whole', async () => {
    chmodSync(bench.file, 0o640)
    expect(await chaos(['secrets', 'set', 'app.password'], { stdin: 'canary "two"\n' })).toMatchObject({ code: 0, stderr: expect.stringContaining('is set') })
    expect(called()).toEqual(['--decrypt', 'set --value-stdin ["app"]["password"]'])
    expect([JSON.stringify(bench.calls()).includes('canary'), inClear(), inMemory()]).toEqual([false, [], []])
    expect((await chaos(['secrets', 'cat', 'app.password', '-v'])).stdout).toBe('canary "two"\n')
    expect((await chaos(['secrets', 'set', 'app.password'], { stdin: 'canary "two"' })).stderr).toContain('is that already')
    expect((await chaos(['secrets', 'set', 'app.password.deeper'], { stdin: 'x' })).stderr).toContain('cannot be set')
  })

  it('is not set by a sops that takes values as arguments alone', async () => {
    const before = file()
    expect(await chaos(['secrets', 'set', 'app.password'], { stdin: 'canary-two', env: { STAND_IN: 'is old' } })).toMatchObject({ code: 1, stderr: expect.stringContaining('sops 3.11 or newer') })
    expect([file(), inClear()]).toEqual([before, []])
  })

  it('is edited in memory, the clear text that sops keeps meanwhile too', async () => {
    expect(await chaos(['secrets', 'edit'], { env: editor('sed -i s/canary-one/canary-three/ "$1"') })).toMatchObject({ code: 0, stderr: expect.stringContaining('encrypted again') })
    expect(bench.calls().map(({ tmp }) => tmp.startsWith('/dev/shm/chaos-edit-'))).toEqual([false, true])
    expect([(await chaos(['secrets', 'print'])).stdout, inClear(), inMemory()]).toEqual([PLAIN.replace('canary-one', 'canary-three'), ['editor.sh'], []])
    const before = file()
    expect((await chaos(['secrets', 'edit'], { env: editor('true') })).stderr).toBe('Nothing was changed.\n')
    expect(await chaos(['secrets', 'edit'], { env: editor('echo "a: [canary-broken" > "$1"') })).toMatchObject({ code: 2, stderr: expect.not.stringContaining('canary-') })
    expect([file(), inMemory()]).toEqual([before, []])
  })

  it('is encrypted for others by updatekeys, and with a new data key where somebody goes', async () => {
    const other = await newIdentity()
    bench.rule(`    key_groups:\n      - kms:\n          - arn: ${bench.arn}\n        age:\n          - ${other.recipient}\n`)
    expect(await chaos(['secrets', 'update'])).toMatchObject({ code: 0, stderr: expect.stringContaining(`+ age ${other.recipient}`) })
    expect(called()).toEqual(['updatekeys --yes'])
    expect(inspectSops(file(), { file: bench.file }).groups.flat().map(({ id }) => id)).toEqual([bench.arn, other.recipient])
    // The key that is known here opens it now, and nothing else is asked.
    expect((await desk.chaos(['secrets', 'print'], { env: { SOPS_AGE_KEY: revealSecret(other.identity) } })).stdout).toBe(PLAIN)
    const value = (): string | undefined => /password: .*/.exec(file())?.[0]
    const before = value()
    expect(await chaos(['secrets', 'rotate-rm', 'age', other.recipient, '-u'])).toMatchObject({ code: 0, stderr: expect.stringContaining('change the secrets themselves') })
    expect([called().slice(1), value() === before]).toEqual([['updatekeys --yes', '--rotate --in-place'], false])
    expect((await chaos(['secrets', 'print'])).stdout).toBe(PLAIN)
  })

  it('is named, with what to install, where there is no sops', async () => {
    const { code, stdout, stderr } = await desk.chaos(['secrets', 'print'], { env: { PATH: path.dirname(process.execPath) } })
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/kind kms are not known here.*Install the sops binary/s)])
  })

  it.each<[string, (text: string) => string, RegExp]>([
    ['a value that was changed', (text) => text.replace(/(password: ENC\[AES256_GCM,data:)./, '$1_'), /a value cannot be decrypted/],
    ['a value that was taken away', (text) => text.replace(/^ +password:.*\n/m, ''), /MAC mismatch/],
    ['a file that was cut off', (text) => text.slice(0, -300), /secrets\.yml/],
  ])('tells %s in a sentence', async (_, spoil, said) => {
    writeFileSync(bench.file, spoil(file()))
    const ended = await chaos(['secrets', 'print'])
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(said) })
    expect(ended.stderr).not.toContain('canary-')
  })

  it.each([['has no key', /none of the keys/], ['prints rubbish', /not what it holds/], ['is cut off', /not what it holds/]])('is refused where sops %s, and nothing of it is shown', async (how, said) => {
    const ended = await chaos(['secrets', 'print'], { env: { STAND_IN: how } })
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(said) })
    expect(ended.stderr).not.toContain('canary')
  })

  it('is given up where sops hangs, and sops is ended', async () => {
    const mark = `hangs-${process.pid}`
    const sops = sopsBinary({ ...bench.env, STAND_IN: 'hangs', MARK: mark }, { timeout: 1 })
    await expect(sops.decrypt(await readSealed({ file: bench.file, sops: undefined }))).rejects.toMatchObject({ code: 'PROGRAM_TIMEOUT' })
    expect(processesWith(mark)).toEqual([])
  })
})

const missing = [['sops', '--version'], ['ssh-keygen', '-?']].find(([program = '', option = '']) => spawnSync(program, [option]).error)?.[0]
describe.skipIf(missing)(`a secrets file for a key of ssh, with the program sops${missing ? ` (needs ${missing})` : ''}`, () => {
  it('is printed, set, edited and updated by it', async () => {
    const key = path.join(desk.folder, 'id_ed25519')
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
    const recipient = readFileSync(`${key}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')
    bench.rule(`    age: ${recipient}\n`)
    writeFileSync(bench.file, PLAIN)
    expect(spawnSync('sops', ['--config', bench.config, '--encrypt', '--in-place', bench.file], { encoding: 'utf8' })).toMatchObject({ status: 0 })
    const run = (args: readonly string[], options: StartOptions = {}): Promise<Ended> => desk.chaos(args, { ...options, env: { SOPS_AGE_SSH_PRIVATE_KEY_FILE: key, ...options.env } })
    expect((await run(['secrets', 'print', '-j'])).stdout).toContain('canary-one')
    expect((await run(['secrets', 'set', 'app.password'], { stdin: 'canary-two' })).code).toBe(0)
    expect((await run(['secrets', 'edit'], { env: editor('sed -i s/canary-two/canary-three/ "$1"') })).code).toBe(0)
    const other = await newIdentity()
    bench.rule(`    age: ${recipient},${other.recipient}\n`)
    expect((await run(['secrets', 'update'])).code).toBe(0)
    expect((await desk.chaos(['secrets', 'cat', 'app.password', '-v'], { env: { SOPS_AGE_KEY: revealSecret(other.identity) } })).stdout).toBe('canary-three\n')
    expect([inMemory(), inClear()]).toEqual([[], ['editor.sh']])
  })
})
