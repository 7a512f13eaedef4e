import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { gpgHome } from '@chaos/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildIfStale } from '../command-line.ts'
import { lend, makeBench } from './canary/bench.ts'
import type { Bench } from './canary/bench.ts'
import { runWatched } from './canary/run.ts'
import type { CanaryOptions, Seen } from './canary/run.ts'

let bench: Bench
beforeAll(async () => {
  buildIfStale()
  bench = await makeBench()
  lend(bench.desk, 'provider-env', 'provider-exec')
}, 300_000)
beforeEach(() => rmSync(inside('made'), { force: true }))
afterAll(() => bench.desk.remove())

const inside = (name: string): string => path.join(bench.desk.folder, name)
const made = (): string => readFileSync(inside('made'), 'utf8')
const FLAGS = [['-vvv', '--diff'], ['--json']]

/** A file with what the provider gives, and a command that reads it and looks about. */
function chobolo(reference: string): void {
  bench.desk.write('ch-obolo.yml', JSON.stringify({
    files: [{ path: inside('made'), content: `\${secret:${reference}}` }],
    notes: { command: 'sleep 0.1; cat; env', text: `\${secret:${reference}}` },
  }))
}

const apply = (options: CanaryOptions, flags: readonly string[]): Promise<Seen> => runWatched(bench.desk, bench.mark, ['apply', '-y', ...flags], { but: ['made', 'kept'], ...options })

describe('a secret of the environment', () => {
  it.each(FLAGS)('is in the environment of chaos alone, with %s', async (...flags) => {
    chobolo('env:CANARY_PASSWORD')
    const { ended, seen } = await apply({ inEnvironment: true, env: { CANARY_PASSWORD: bench.password } }, flags)
    expect([ended.code, made(), seen]).toEqual([0, bench.password, []])
  })
})

describe('a secret that a program prints', () => {
  const program = (text: string): void => {
    chmodSync(bench.desk.write('vault.sh', `#!/bin/sh\n${text}\n`), 0o755)
    bench.desk.write('config/config.yml', JSON.stringify({ secret_providers: { exec: { command: [inside('vault.sh'), '{reference}'] } } }))
  }
  const kept = (): void => void bench.desk.write('kept', bench.password)

  it.each(FLAGS)('is nowhere else, with %s', async (...flags) => {
    kept()
    program(`cat ${inside('kept')}`)
    chobolo('exec:db/password')
    const { ended, seen } = await apply({}, flags)
    expect([ended.code, made(), seen]).toEqual([0, bench.password, []])
  })

  it.each([
    ['fails with it in what it says', 'cat kept >&2; cat kept; exit 1', /ended with 1/],
    ['prints bytes', 'cat kept; printf "\\377"', /bytes.*no text/],
    ['prints nothing', 'cat kept >&2', /printed nothing/],
    ['is not there', 'exec 2>/dev/null; kill -9 $$', /ended with 137/],
  ])('is not shown when the program %s', async (_, text, said) => {
    kept()
    program(`cd ${bench.desk.folder}; ${text}`)
    chobolo('exec:db/password')
    const { ended, seen } = await apply({}, ['-vvv'])
    expect([ended.code, ended.stderr, seen]).toEqual([2, expect.stringMatching(said), []])
  })
})

describe('the provider age', () => {
  it('gives a value of a file of sops', async () => {
    bench.desk.write('config/config.yml', JSON.stringify({ secret_providers: { age: { file: bench.vault.file } } }))
    chobolo('age:app.password')
    const { ended, seen } = await apply({}, ['-vvv', '--diff'])
    expect([ended.code, made(), seen]).toEqual([0, bench.password, []])
  })

  const noAge = spawnSync('age', ['--version']).error ? ' (needs age)' : ''
  it.skipIf(noAge)(`gives a file of a folder, without its line end${noAge}`, async () => {
    mkdirSync(inside('folder/db'), { recursive: true })
    const { status } = spawnSync('age', ['-r', bench.vault.recipient, '-o', inside('folder/db/password.age')], { input: `${bench.password}\n` })
    expect(status).toBe(0)
    bench.desk.write('config/config.yml', JSON.stringify({ secret_providers: { age: { folder: inside('folder') } } }))
    chobolo('age:db/password')
    const { ended, seen } = await apply({}, ['--json'])
    expect([ended.code, made(), seen]).toEqual([0, bench.password, []])
    chobolo('age:../secrets')
    expect((await bench.desk.chaos(['apply', '-y'])).stderr).toContain('names no file below')
  })
})

const lacking = ['pass', 'gpg'].filter((program) => spawnSync(program, ['--version']).error)
const needs = lacking.length > 0 ? ` (needs ${lacking.join(' and ')})` : ''
it.skipIf(needs)(`the provider pass gives the first line of an entry, and gpg has it in no argument${needs}`, async () => {
  const gpg = gpgHome()
  try {
    const env = { GNUPGHOME: gpg.home, GPG_TTY: '', PASSWORD_STORE_DIR: path.join(gpg.folder, 'store') }
    gpg.addKey('me')
    spawnSync('pass', ['init', 'me'], { env: { ...process.env, ...env } })
    spawnSync('pass', ['insert', '-m', '-f', 'db/password'], { input: `${bench.password}\nurl: ${bench.mark}\n`, env: { ...process.env, ...env } })
    lend(bench.desk, 'provider-pass')
    bench.desk.write('config/config.yml', '')
    chobolo('pass:db/password')
    const { ended, seen } = await apply({ env }, ['-vvv', '--diff'])
    expect([ended.code, made(), seen]).toEqual([0, bench.password, []])
  } finally {
    gpg.remove()
  }
})
