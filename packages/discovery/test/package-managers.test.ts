import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { isRole } from '@chaos/core'
import { describe, expect, it } from 'vitest'
import { discover } from '../src/index.ts'
import { throughPnp } from '../src/package-folder.ts'
import type { PnpApi } from '../src/package-folder.ts'
import { only, pluginModule, temporaryFolder, write, writePackage } from './folders.ts'

const PNPM = ['npx', '-y', 'pnpm@10.34.8']
const YARN = ['npx', '-y', 'yarn@1']
const NAME = 'chaos-role-packed'

function run([program = '', ...args]: readonly string[], cwd: string) {
  // What a package manager keeps for the next time goes into the test's own folder.
  const env = { ...process.env, YARN_CACHE_FOLDER: path.join(cwd, '.cache/yarn'), npm_config_store_dir: path.join(cwd, '.cache/pnpm') }
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', env, timeout: 120_000 })
  return { ok: status === 0, text: `${stdout}${stderr}`, stdout }
}

function must(command: readonly string[], cwd: string): string {
  const { ok, text, stdout } = run(command, cwd)
  expect(ok, `${command.join(' ')}\n${text}`).toBe(true)
  return stdout
}

/** A plugin as a third party publishes it: exports with only an import condition, without its package.json. */
function packedPlugin(folder: string): string {
  const source = writePackage(
    path.join(folder, 'source'),
    { name: NAME, type: 'module', exports: { '.': { import: './index.js' } } },
    { 'index.js': pluginModule('role') },
  )
  must(['npm', 'pack', '--silent', '--pack-destination', folder], source)
  return path.join(folder, readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? '')
}

async function expectFound(from: string): Promise<string> {
  const plugins = await discover(only(from))
  expect(plugins.problems).toEqual([])
  expect(plugins.list().map(({ group, name, source }) => [group, name, source])).toEqual([['roles', 'packed', 'project']])
  expect(isRole(await plugins.load('roles', 'packed'))).toBe(true)
  return plugins.list()[0]!.folder
}

const reachable = (manager: readonly string[]): string | false => (run([...manager, '--version'], '/').ok ? false : `${manager.at(-1)} cannot be fetched from the npm registry`)

describe('what a package manager installed is found and loaded', () => {
  it('npm', async () => {
    const folder = temporaryFolder()
    const project = writePackage(path.join(folder, 'project'), {})
    must(['npm', 'install', '--offline', '--no-audit', '--no-fund', packedPlugin(folder)], project)
    await expectFound(project)
  })

  it('npm, globally, with neither project nor package.json', async () => {
    const folder = temporaryFolder()
    const cli = writePackage(path.join(folder, 'cli'), { name: '@chaos/cli', bin: { chaos: 'bin/chaos.js' } }, { 'bin/chaos.js': '#!/usr/bin/env node\n' })
    const prefix = path.join(folder, 'prefix')
    must(['npm', 'install', '--offline', '--global', '--install-links', '--prefix', prefix, packedPlugin(folder), cli], folder)
    const elsewhere = path.join(folder, 'elsewhere')
    mkdirSync(elsewhere)
    const plugins = await discover(only(elsewhere, { argv1: path.join(prefix, 'bin/chaos') }))
    expect(plugins.list().map(({ name, source }) => [name, source])).toEqual([['packed', 'installation']])
    expect(isRole(await plugins.load('roles', 'packed'))).toBe(true)
  })

  it('npm, in a workspace, from a member', async () => {
    const folder = temporaryFolder()
    const root = writePackage(path.join(folder, 'root'), { workspaces: ['apps/*'], devDependencies: { [NAME]: `file:${packedPlugin(folder)}` } })
    const member = writePackage(path.join(root, 'apps/one'), { name: 'one' })
    must(['npm', 'install', '--offline', '--no-audit', '--no-fund'], root)
    await expectFound(member)
  })

  it('pnpm, whose packages are links', async ({ skip }) => {
    const unreachable = reachable(PNPM)
    if (unreachable) skip(unreachable)
    const folder = temporaryFolder()
    const project = writePackage(path.join(folder, 'project'), {})
    must([...PNPM, 'add', '--offline', packedPlugin(folder)], project)
    const found = await expectFound(project)
    expect(found).toContain('node_modules/.pnpm/')
    expect(found).toBe(realpathSync(path.join(project, 'node_modules', NAME)))
  })

  it('pnpm, in a workspace, from a member whose plugin is another member', async ({ skip }) => {
    const unreachable = reachable(PNPM)
    if (unreachable) skip(unreachable)
    const root = writePackage(temporaryFolder(), { private: true })
    write(path.join(root, 'pnpm-workspace.yaml'), 'packages: [packages/*]\n')
    writePackage(path.join(root, 'packages/plugin'), { name: NAME, type: 'module', exports: './index.js' }, { 'index.js': pluginModule('role') })
    const member = writePackage(path.join(root, 'packages/machines'), { name: 'machines', dependencies: { [NAME]: 'workspace:*' } })
    must([...PNPM, 'install', '--offline'], root)
    expect(await expectFound(member)).toBe(path.join(root, 'packages/plugin'))
  })

  it('Yarn classic', async ({ skip }) => {
    const unreachable = reachable(YARN)
    if (unreachable) skip(unreachable)
    const folder = temporaryFolder()
    const project = writePackage(path.join(folder, 'project'), {})
    must([...YARN, 'add', '--offline', '--silent', `file:${packedPlugin(folder)}`], project)
    await expectFound(project)
  })

  it('Yarn’s Plug’n’Play, which is asked where a package lies', ({ skip }) => {
    const unreachable = reachable(YARN)
    if (unreachable) skip(unreachable)
    const folder = temporaryFolder()
    const project = writePackage(path.join(folder, 'project'), { name: 'project', installConfig: { pnp: true } })
    must([...YARN, 'add', '--offline', '--silent', `file:${packedPlugin(folder)}`], project)
    expect(existsSync(path.join(project, 'node_modules', NAME))).toBe(false)
    const api = createRequire(path.join(project, 'package.json'))('./.pnp.js') as PnpApi
    const found = throughPnp(api, NAME, project)
    expect(found && readdirSync(found.folder)).toEqual(expect.arrayContaining(['index.js', 'package.json']))
    expect(throughPnp(api, 'chaos-role-other', project)).toBeUndefined()
  })
})
