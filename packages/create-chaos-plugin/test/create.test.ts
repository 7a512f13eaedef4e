import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KINDS, namesOf } from '../src/kinds.ts'
import type { Kind } from '../src/kinds.ts'
import { main } from '../src/index.ts'

const REPOSITORY = path.join(import.meta.dirname, '../../..')

let folder = ''
let tarballs: string[] = []

/** What npm install makes of a published chaos: our packages from their tarballs. */
beforeAll(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'chaos-create-')))
  const packed = path.join(folder, 'tarballs')
  mkdirSync(packed)
  const filters = ['@chaos/operations...', '@chaos/testkit...', '@chaos/connector-local...'].flatMap((each) => ['--filter', each])
  run(REPOSITORY, process.execPath, path.join(REPOSITORY, 'scripts/pnpm.mjs'), '-r', ...filters, 'pack', '--pack-destination', packed)
  tarballs = readdirSync(packed).map((file) => path.join(packed, file))
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', 'typescript@^5.9.0', '@types/node@^20.19.0', ...tarballs)
}, 240_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(cwd: string, program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, npm_config_loglevel: 'error', PATH: `${path.join(folder, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` } })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
  return stdout
}

interface Manifest {
  name: string
  exports: Record<string, unknown>
}
const manifestOf = (made: string): Manifest => JSON.parse(readFileSync(path.join(made, 'package.json'), 'utf8')) as Manifest

describe('a plugin that was just made', () => {
  it.each(Object.keys(KINDS) as Kind[])('of the kind %s type-checks, passes its contract suite and packs', async (kind) => {
    const made = path.join(folder, `made-${kind}`)
    expect(await main([`my-own-${kind}`, '--kind', kind, '--directory', made, '--author', 'Ana'])).toBe(0)
    const { name } = manifestOf(made)
    // Found by its own name, as its tests find it once it is installed.
    run(made, 'npm', 'test')
    const [packed] = JSON.parse(run(made, 'npm', 'pack', '--dry-run', '--json')) as { name: string; files: { path: string }[] }[]
    const files = packed?.files.map((each) => each.path) ?? []
    expect(packed?.name).toBe(name)
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/src/index.js', 'dist/src/index.d.ts', 'package.json']))
    expect(files.filter((file) => file.startsWith('test') || file.startsWith('dist/test') || file.startsWith('src/'))).toEqual([])
    expect(existsSync(path.join(made, '.github/workflows/test.yml')) && existsSync(path.join(made, '.gitignore'))).toBe(true)
    for (const file of ['README.md', 'LICENSE', 'src/index.ts', 'package.json']) {
      expect(readFileSync(path.join(made, file), 'utf8')).not.toMatch(/PACKAGE_NAME|PLUGIN_NAME|PLUGIN_KIND|plugin_key|\bAUTHOR\b|\bYEAR\b/)
    }
  }, 120_000)

  it('is installed, tested and found by chaos from nothing, with npm alone', async () => {
    const made = path.join(folder, 'elsewhere/chaos-role-motd')
    expect(await main(['chaos-role-motd', '--directory', made, '--author', 'Ana'])).toBe(0)
    const overrides = Object.fromEntries(tarballs.map((file) => [`@chaos/${path.basename(file).replace(/^chaos-(.+)-\d+\.\d+\.\d+\.tgz$/, '$1')}`, `file:${file}`]))
    const manifest = manifestOf(made) as Manifest & { dependencies: Record<string, string>; peerDependencies: Record<string, string>; devDependencies: Record<string, string> }
    // Not published yet, so the versions it asks for are those of this tree.
    for (const group of ['dependencies', 'devDependencies'] as const) for (const each of Object.keys(manifest[group])) manifest[group][each] = overrides[each] ?? (manifest[group][each] as string)
    writeFileSync(path.join(made, 'package.json'), JSON.stringify({ ...manifest, overrides: Object.fromEntries(Object.entries(overrides).filter(([each]) => !(each in manifest.dependencies) && !(each in manifest.devDependencies))) }))
    run(made, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline')
    expect(run(made, 'npm', 'test')).toMatch(/# fail 0/)
  }, 120_000)
})

describe('the names of a plugin', () => {
  it.each([
    ['motd', 'role', { kind: 'role', package: 'chaos-role-motd', plugin: 'motd' }],
    ['@acme/motd', 'role', { kind: 'role', package: '@acme/chaos-role-motd', plugin: 'motd' }],
    ['chaos-boat-my-cloud', undefined, { kind: 'boat', package: 'chaos-boat-my-cloud', plugin: 'my-cloud' }],
    ['@acme/chaos-provider-vault', 'provider', { kind: 'provider', package: '@acme/chaos-provider-vault', plugin: 'vault' }],
    ['short', 'aliases', { kind: 'aliases', package: 'chaos-plugin-short', plugin: 'short' }],
    ['chaos-plugin-short', 'keys', { kind: 'keys', package: 'chaos-plugin-short', plugin: 'short' }],
  ] as const)('%s as a %s', (given, kind, names) => {
    expect(namesOf(given, kind)).toEqual(names)
  })

  it.each([
    ['motd', undefined, /Which kind/], ['chaos-role-motd', 'boat', /is called a role/], ['Motd', 'role', /lower-case/], ['-motd', 'role', /lower-case/], ['../motd', 'role', /lower-case/],
    ['@Acme/motd', 'role', /no scope of npm/], ['@chaos/motd', 'role', /that of chaos itself/], ['a'.repeat(250), 'role', /too long/], ['', 'role', /lower-case/],
  ] as const)('are refused in a sentence: %s as a %s', (given, kind, sentence) => {
    expect(namesOf(given, kind)).toMatch(sentence)
  })
})

describe('the command', () => {
  it('writes nothing into a folder that holds something, and leaves nothing beside it', async () => {
    const taken = path.join(folder, 'taken')
    mkdirSync(taken)
    writeFileSync(path.join(taken, 'mine'), '')
    expect(await main(['motd', '--kind', 'role', '--directory', taken])).toBe(2)
    expect([readdirSync(taken), readdirSync(folder).filter((name) => name.startsWith('.chaos-plugin-'))]).toEqual([['mine'], []])
  })

  it('takes an empty folder', async () => {
    const empty = path.join(folder, 'empty')
    mkdirSync(empty)
    expect(await main(['motd', '--kind', 'keys', '--directory', empty])).toBe(0)
    expect(manifestOf(empty).name).toBe('chaos-plugin-motd')
  })

  it.each([[['--kind', 'rolle', 'motd']], [['--colour']], [['one', 'two']], [[]]])('refuses %j as wrong usage', async (args) => {
    expect(await main(args)).toBe(2)
  })
})
