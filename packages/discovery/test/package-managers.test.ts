import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { isRole } from '@chaos/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildIfStale } from '../../cli/test/command-line.ts'
import { discover } from '../src/index.ts'
import { throughPnp } from '../src/package-folder.ts'
import type { PnpApi } from '../src/package-folder.ts'
import { only, pluginModule, temporaryFolder, write, writePackage } from './folders.ts'

const PNPM = fetched('pnpm@10.34.8', 'pnpm')
const YARN = fetched('yarn@1', 'yarn')
const BERRY = fetched('@yarnpkg/cli-dist@4', 'yarn')
const NAME = 'chaos-role-packed'

/** Says what it found, and whether that could be loaded. */
const PROGRAM = `#!/usr/bin/env node
const { discover } = await import('DISCOVERY')
const plugins = await discover({ from: process.cwd(), argv1: process.argv[1], env: { HOME: process.cwd() + '/no-home' } })
const role = await plugins.load('roles', 'packed')
console.log(JSON.stringify({ found: plugins.list().map(({ name, source }) => [name, source]), problems: plugins.problems, loaded: typeof role }))
`
const said = (source: string) => ({ found: [['packed', source]], problems: [], loaded: 'object' })

function run([program = '', ...args]: readonly string[], cwd: string, more: Record<string, string> = {}) {
  // What a package manager keeps for the next time goes into the test's own folder.
  const env = { ...process.env, YARN_CACHE_FOLDER: path.join(cwd, '.cache/yarn'), npm_config_store_dir: path.join(cwd, '.cache/pnpm'), ...more }
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', env, timeout: 240_000 })
  return { ok: status === 0, text: `${stdout}${stderr}`, stdout }
}

function must(command: readonly string[], cwd: string, more: Record<string, string> = {}): string {
  const { ok, text, stdout } = run(command, cwd, more)
  expect(ok, `${command.join(' ')}\n${text}`).toBe(true)
  return stdout
}

let packs = ''
beforeAll(() => {
  packs = mkdtempSync(path.join(tmpdir(), 'chaos-packs-'))
})
afterAll(() => rmSync(packs, { recursive: true }))

/** What npm packs of a package of this name: once, for all tests. */
function packed(name: string, json: object, files: Record<string, string>): string {
  const folder = path.join(packs, name)
  const tarball = path.join(folder, 'made', `${name.replace(/^@(.+)\//, '$1-')}-1.0.0.tgz`)
  if (existsSync(tarball)) return tarball
  const source = writePackage(path.join(folder, 'source'), { name, type: 'module', ...json }, files)
  mkdirSync(path.dirname(tarball))
  must(['npm', 'pack', '--silent', '--pack-destination', path.dirname(tarball)], source)
  return tarball
}

/** A plugin as a third party publishes it: exports with only an import condition, without its package.json. */
function packedPlugin(): string {
  return packed(NAME, { exports: { '.': { import: './index.js' } } }, { 'index.js': pluginModule('role') })
}

async function expectFound(from: string): Promise<string> {
  const plugins = await discover(only(from))
  expect(plugins.problems).toEqual([])
  expect(plugins.list().map(({ group, name, source }) => [group, name, source])).toEqual([['roles', 'packed', 'project']])
  expect(isRole(await plugins.load('roles', 'packed'))).toBe(true)
  return plugins.list()[0]!.folder
}

/** A program of a package of npm, without npx before each of its starts; asked for when it is first needed. */
function fetched(name: string, program: string): () => { command: string[]; unreachable: string | false } {
  let known: { command: string[]; unreachable: string | false } | undefined
  return () => {
    if (known) return known
    const { ok, stdout } = run(['npx', '-y', '-p', name, '-c', `command -v ${program}`], '/')
    known = { command: [stdout.trim()], unreachable: ok ? false : `${name} cannot be fetched from the npm registry` }
    return known
  }
}

/** A command line in a package of its own, as `chaos` is one: prints what is found from where it was started, and by the way it was started. */
function packedCli(): string {
  const discovery = pathToFileURL(path.join(import.meta.dirname, '../dist/index.js')).href
  return packed('@chaos/cli', { bin: { chaos: 'bin/chaos.js' } }, { 'bin/chaos.js': PROGRAM.replace('DISCOVERY', discovery) })
}

describe('what a package manager installed is found and loaded', () => {
  it('npm', async () => {
    const folder = temporaryFolder()
    const project = writePackage(path.join(folder, 'project'), {})
    must(['npm', 'install', '--offline', '--no-audit', '--no-fund', packedPlugin()], project)
    await expectFound(project)
  })

  it('npm, globally, with neither project nor package.json', async () => {
    const folder = temporaryFolder()
    const cli = writePackage(path.join(folder, 'cli'), { name: '@chaos/cli', bin: { chaos: 'bin/chaos.js' } }, { 'bin/chaos.js': '#!/usr/bin/env node\n' })
    const prefix = path.join(folder, 'prefix')
    must(['npm', 'install', '--offline', '--global', '--install-links', '--prefix', prefix, packedPlugin(), cli], folder)
    const elsewhere = path.join(folder, 'elsewhere')
    mkdirSync(elsewhere)
    const plugins = await discover(only(elsewhere, { argv1: path.join(prefix, 'bin/chaos') }))
    expect(plugins.list().map(({ name, source }) => [name, source])).toEqual([['packed', 'installation']])
    expect(isRole(await plugins.load('roles', 'packed'))).toBe(true)
  })

  it('npm, in a workspace, from a member', async () => {
    const folder = temporaryFolder()
    const root = writePackage(path.join(folder, 'root'), { workspaces: ['apps/*'], devDependencies: { [NAME]: `file:${packedPlugin()}` } })
    const member = writePackage(path.join(root, 'apps/one'), { name: 'one' })
    must(['npm', 'install', '--offline', '--no-audit', '--no-fund'], root)
    await expectFound(member)
  })

  it('pnpm, whose packages are links', async ({ skip }) => {
    const unreachable = PNPM().unreachable
    if (unreachable) skip(unreachable)
    const folder = temporaryFolder()
    const project = writePackage(path.join(folder, 'project'), {})
    must([...PNPM().command, 'add', '--offline', packedPlugin()], project)
    const found = await expectFound(project)
    expect(found).toContain('node_modules/.pnpm/')
    expect(found).toBe(realpathSync(path.join(project, 'node_modules', NAME)))
  })

  it('pnpm, in a workspace, from a member whose plugin is another member', async ({ skip }) => {
    const unreachable = PNPM().unreachable
    if (unreachable) skip(unreachable)
    const root = writePackage(temporaryFolder(), { private: true })
    write(path.join(root, 'pnpm-workspace.yaml'), 'packages: [packages/*]\n')
    writePackage(path.join(root, 'packages/plugin'), { name: NAME, type: 'module', exports: './index.js' }, { 'index.js': pluginModule('role') })
    const member = writePackage(path.join(root, 'packages/machines'), { name: 'machines', dependencies: { [NAME]: 'workspace:*' } })
    must([...PNPM().command, 'install', '--offline'], root)
    expect(await expectFound(member)).toBe(path.join(root, 'packages/plugin'))
  })

  it('Yarn classic', async ({ skip }) => {
    const unreachable = YARN().unreachable
    if (unreachable) skip(unreachable)
    const folder = temporaryFolder()
    const project = writePackage(path.join(folder, 'project'), {})
    must([...YARN().command, 'add', '--offline', '--silent', `file:${packedPlugin()}`], project)
    await expectFound(project)
  })

  it('Yarn’s Plug’n’Play, which is asked where a package lies', ({ skip }) => {
    const unreachable = YARN().unreachable
    if (unreachable) skip(unreachable)
    const folder = temporaryFolder()
    const project = writePackage(path.join(folder, 'project'), { name: 'project', installConfig: { pnp: true } })
    must([...YARN().command, 'add', '--offline', '--silent', `file:${packedPlugin()}`], project)
    expect(existsSync(path.join(project, 'node_modules', NAME))).toBe(false)
    const api = createRequire(path.join(project, 'package.json'))('./.pnp.js') as PnpApi
    const found = throughPnp(api, NAME, project)
    expect(found && readdirSync(found.folder)).toEqual(expect.arrayContaining(['index.js', 'package.json']))
    expect(throughPnp(api, 'chaos-role-other', project)).toBeUndefined()
  })
})

describe('a command that was started finds what was installed with it', { timeout: 240_000 }, () => {
  beforeAll(() => buildIfStale(), 300_000)

  it('npx -p, with neither project nor package.json', () => {
    const folder = temporaryFolder()
    const [cli, plugin] = [packedCli(), packedPlugin()]
    const elsewhere = path.join(folder, 'elsewhere')
    mkdirSync(elsewhere)
    const cache = { npm_config_cache: path.join(folder, 'cache') }
    expect(JSON.parse(must(['npx', '--yes', '--offline', '-p', cli, '-p', plugin, 'chaos'], elsewhere, cache))).toEqual(said('installation'))
  })

  it('pnpm add --global', ({ skip }) => {
    const { command, unreachable } = PNPM()
    if (unreachable) skip(unreachable)
    const folder = temporaryFolder()
    const [cli, plugin] = [packedCli(), packedPlugin()]
    const bin = path.join(folder, 'home')
    const env = { PNPM_HOME: bin, XDG_DATA_HOME: folder, XDG_STATE_HOME: folder, XDG_CACHE_HOME: folder, PATH: `${bin}:${process.env['PATH']}` }
    must([...command, 'add', '--global', '--offline', cli, plugin], folder, env)
    const elsewhere = path.join(folder, 'elsewhere')
    mkdirSync(elsewhere)
    expect(JSON.parse(must([path.join(bin, 'chaos')], elsewhere, env))).toEqual(said('installation'))
  })

  it('yarn chaos, in a project with Plug’n’Play', ({ skip }) => {
    const { command, unreachable } = BERRY()
    if (unreachable) skip(unreachable)
    const folder = temporaryFolder()
    const [cli, plugin] = [packedCli(), packedPlugin()]
    const project = writePackage(path.join(folder, 'project'), { name: 'project', dependencies: { '@chaos/cli': `file:${cli}`, [NAME]: `file:${plugin}` } })
    write(path.join(project, '.yarnrc.yml'), 'nodeLinker: pnp\nenableGlobalCache: false\nenableNetwork: false\nenableTelemetry: false\n')
    write(path.join(project, 'yarn.lock'), '')
    const env = { YARN_GLOBAL_FOLDER: path.join(folder, 'yarn'), YARN_ENABLE_IMMUTABLE_INSTALLS: 'false', YARN_ENABLE_HARDENED_MODE: 'false' }
    must([...command, 'install'], project, env)
    expect(existsSync(path.join(project, 'node_modules'))).toBe(false)
    expect(JSON.parse(must([...command, 'chaos'], project, env))).toEqual(said('project'))
  })
})
