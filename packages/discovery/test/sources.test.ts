import { chmodSync, chownSync, mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { discover, projectCli } from '../src/index.ts'
import { dependencies, only, temporaryFolder, write, writePackage, writePlugin } from './folders.ts'

const found = async (options: Parameters<typeof discover>[0]) => (await discover(options)).list().map(({ source, name }) => `${source} ${name}`)

describe('the sources', () => {
  it('are the project, the user’s folder, the installation and the CLI, and the first that has a package wins', async () => {
    const folder = temporaryFolder()
    const root = (name: string, ...plugins: string[]) => {
      const at = writePackage(path.join(folder, name), { name, dependencies: dependencies(...plugins) })
      for (const plugin of plugins) writePlugin(path.join(at, 'node_modules'), plugin, 'role')
      return at
    }
    const project = root('project', 'chaos-role-a')
    const user = root('user', 'chaos-role-a', 'chaos-role-b')
    root('global', 'chaos-role-b', 'chaos-role-c')
    const cli = writePackage(path.join(folder, 'global/node_modules/@chaos/cli'), { name: '@chaos/cli', dependencies: dependencies('chaos-role-c', 'chaos-role-d') })
    for (const name of ['chaos-role-c', 'chaos-role-d']) writePlugin(path.join(cli, 'node_modules'), name, 'role')
    mkdirSync(path.join(project, 'deep/er'), { recursive: true })
    write(path.join(cli, 'bin/chaos.js'), '')

    const plugins = await discover({ from: path.join(project, 'deep/er'), argv1: path.join(cli, 'bin/chaos.js'), env: { CHAOS_PLUGIN_DIR: user }, cli })

    expect(plugins.list().map(({ source, name }) => `${source} ${name}`)).toEqual(['project a', 'user b', 'installation c', 'cli d'])
    expect(plugins.shadowed.map(({ source, name, by }) => `${source} ${name} by ${by}`)).toEqual([
      `user chaos-role-a by ${project}/node_modules/chaos-role-a`,
      `installation chaos-role-b by ${user}/node_modules/chaos-role-b`,
      `cli chaos-role-c by ${folder}/global/node_modules/chaos-role-c`,
    ])
  })

  it('the user’s folder is ~/.local/share/chaos/plugins when nothing else is said', async () => {
    const home = temporaryFolder()
    const from = temporaryFolder()
    const user = writePackage(path.join(home, '.local/share/chaos/plugins'), { dependencies: dependencies('chaos-role-a') })
    writePlugin(path.join(user, 'node_modules'), 'chaos-role-a', 'role')
    expect(await found(only(from, { env: { HOME: home } }))).toEqual(['user a'])
  })

  it('a workspace’s root counts too', async () => {
    const root = writePackage(temporaryFolder(), { workspaces: ['apps/*'], devDependencies: dependencies('chaos-role-of-root') })
    writePackage(path.join(root, 'apps/one'), { devDependencies: dependencies('chaos-role-of-member'), optionalDependencies: dependencies('chaos-role-left-out') })
    for (const name of ['chaos-role-of-root', 'chaos-role-of-member']) writePlugin(path.join(root, 'node_modules'), name, 'role')
    const plugins = await discover(only(path.join(root, 'apps/one')))
    expect(plugins.list().map(({ name }) => name)).toEqual(['of-member', 'of-root'])
    expect(plugins.problems).toEqual([])
  })

  it('an npm global prefix has no package.json: what lies beside the CLI was asked for', async () => {
    const folder = temporaryFolder()
    writePackage(folder, { dependencies: dependencies('chaos-role-of-home') })
    const nodeModules = path.join(folder, 'prefix/lib/node_modules')
    writePackage(path.join(nodeModules, '@chaos/cli'), { name: '@chaos/cli' }, { 'bin/chaos.js': '' })
    writePlugin(nodeModules, 'chaos-role-a', 'role')
    writePlugin(nodeModules, '@acme/chaos-role-b', 'role')
    writePackage(path.join(nodeModules, 'npm'), { name: 'npm' })
    writePlugin(path.join(nodeModules, 'npm/node_modules'), 'chaos-role-of-npm', 'role')
    mkdirSync(path.join(folder, 'prefix/bin'))
    symlinkSync('../lib/node_modules/@chaos/cli/bin/chaos.js', path.join(folder, 'prefix/bin/chaos'))
    const from = temporaryFolder()

    const options = only(from, { argv1: path.join(folder, 'prefix/bin/chaos') })

    expect(await found(options)).toEqual(['installation b', 'installation a'])
    await expect((await discover(options)).load('roles', 'web')).rejects.toMatchObject({
      hint: 'Add the package that has it: npm install --global @chaos/role-web',
    })
  })
})

describe('what another user may write', () => {
  const project = () => {
    const folder = writePackage(temporaryFolder(), { dependencies: dependencies('chaos-role-a') })
    writePlugin(path.join(folder, 'node_modules'), 'chaos-role-a', 'role')
    return folder
  }
  const refused = async (folder: string, env: NodeJS.ProcessEnv = {}) => {
    const plugins = await discover(only(folder, { env: { HOME: '/nonexistent', ...env } }))
    return { names: plugins.list().map(({ name }) => name), problems: plugins.problems.map(({ code, message }) => `${code} ${message}`) }
  }

  it.each([
    ['package.json', 0o666],
    ['.', 0o777],
    ['node_modules', 0o777],
    ['node_modules/chaos-role-a', 0o777],
    ['node_modules/chaos-role-a/package.json', 0o666],
  ])('%s with mode %o is refused', async (file, mode) => {
    const folder = project()
    chmodSync(path.join(folder, file), mode)
    expect(await refused(folder)).toEqual({
      names: [],
      problems: [`PLUGIN_SOURCE_UNTRUSTED ${path.join(folder, file)} is not used to find plugins: everybody may write it.`],
    })
  })

  it('a sticky folder and a group of our own are no danger', async () => {
    const folder = project()
    chmodSync(folder, 0o1777)
    chmodSync(path.join(folder, 'node_modules'), 0o775)
    expect(await refused(folder)).toEqual({ names: ['a'], problems: [] })
  })

  it.skipIf(process.getuid?.() !== 0)('what belongs to another user is refused, unless they called sudo (needs root)', async () => {
    const folder = project()
    chownSync(path.join(folder, 'package.json'), 4321, 4321)
    expect(await refused(folder)).toEqual({
      names: [],
      problems: [`PLUGIN_SOURCE_UNTRUSTED ${folder}/package.json is not used to find plugins: it belongs to another user (id 4321).`],
    })
    expect(await refused(folder, { SUDO_UID: '4321' })).toEqual({ names: ['a'], problems: [] })
  })

  it.skipIf(process.getuid?.() !== 0)('what another group may write is refused (needs root)', async () => {
    const folder = project()
    chownSync(path.join(folder, 'node_modules'), 0, 4321)
    chmodSync(path.join(folder, 'node_modules'), 0o775)
    expect((await refused(folder)).problems).toEqual([
      `PLUGIN_SOURCE_UNTRUSTED ${folder}/node_modules is not used to find plugins: another group (id 4321) may write it.`,
    ])
  })
})

describe('the project’s own CLI', () => {
  const withCli = () => {
    const project = writePackage(temporaryFolder(), { devDependencies: dependencies('@chaos/cli') })
    const own = writePackage(path.join(project, 'node_modules/@chaos/cli'), { name: '@chaos/cli', exports: { '.': { import: './dist/index.js' } } }, { 'dist/index.js': '' })
    return { project, own }
  }

  it('is found from below the project', () => {
    const { project, own } = withCli()
    const global = writePackage(temporaryFolder(), { name: '@chaos/cli' })
    mkdirSync(path.join(project, 'below'))
    expect(projectCli(path.join(project, 'below'), global)).toBe(path.join(own, 'dist/index.js'))
  })

  it('is none when it is the one that asks, when there is none, or when another may write it', () => {
    const { project, own } = withCli()
    const global = writePackage(temporaryFolder(), { name: '@chaos/cli' })
    expect(projectCli(project, own)).toBeUndefined()
    expect(projectCli(temporaryFolder(), global)).toBeUndefined()
    chmodSync(path.join(project, 'node_modules'), 0o777)
    expect(projectCli(project, global)).toBeUndefined()
  })
})
