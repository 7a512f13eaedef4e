import { mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { discover } from '../src/index.ts'
import { dependencies, imports, only, pluginModule, temporaryFolder, write, writePackage, writePlugin } from './folders.ts'

describe('what counts as a plugin', () => {
  it('finds packages by their names, ours and those of others', async () => {
    const project = temporaryFolder()
    const names = ['@chaos/connector-docker', 'chaos-provider-vault', '@acme/chaos-boat-sky', 'chaos-role-my-role']
    writePackage(project, { dependencies: dependencies(...names, 'lodash', 'chaos', 'create-chaos-plugin', '@acme/role-other') })
    for (const name of [...names, 'lodash', 'chaos', 'create-chaos-plugin', '@acme/role-other']) writePlugin(path.join(project, 'node_modules'), name, 'role')

    const plugins = await discover(only(project))

    expect(plugins.list().map(({ group, name, package: from, spec, source }) => [group, name, from, spec, source])).toEqual([
      ['roles', 'my-role', 'chaos-role-my-role', '.', 'project'],
      ['providers', 'vault', 'chaos-provider-vault', '.', 'project'],
      ['boats', 'sky', '@acme/chaos-boat-sky', '.', 'project'],
      ['connectors', 'docker', '@chaos/connector-docker', '.', 'project'],
    ])
    expect(plugins.problems).toEqual([])
  })

  it('reads the groups of a package that carries several', async () => {
    const project = temporaryFolder()
    writePackage(project, { dependencies: dependencies('my-chaos-plugin') })
    writePackage(path.join(project, 'node_modules/my-chaos-plugin'), {
      name: 'my-chaos-plugin',
      version: '2.3.4',
      chaos: {
        api: 1,
        roles: { 'my-role': './roles#myRole' },
        explain: { 'my-role': './explain' },
        aliases: { mr: 'my-role' },
        keys: { 'my-role': './roles#myRoleKeys' },
        providers: { 'my-vault': './provider' },
        boats: { 'my-cloud': './boat' },
        connectors: { lxc: './connector' },
      },
    })

    const plugins = await discover(only(project))

    expect(plugins.problems).toEqual([])
    expect(plugins.list().map(({ group, name, spec }) => `${group} ${name} ${spec}`)).toEqual([
      'roles my-role ./roles#myRole',
      'explain my-role ./explain',
      'keys my-role ./roles#myRoleKeys',
      'providers my-vault ./provider',
      'boats my-cloud ./boat',
      'connectors lxc ./connector',
      'aliases mr my-role',
    ])
    expect({ ...plugins.aliases }).toEqual({ mr: 'my-role' })
    expect(plugins.list('roles')[0]).toEqual({
      group: 'roles', name: 'my-role', spec: './roles#myRole', source: 'project',
      package: 'my-chaos-plugin', version: '2.3.4', folder: path.join(project, 'node_modules/my-chaos-plugin'),
    })
  })

  it('keeps what the name says when the manifest speaks of other groups', async () => {
    const project = temporaryFolder()
    writePackage(project, { dependencies: dependencies('chaos-role-web') })
    writePackage(path.join(project, 'node_modules/chaos-role-web'), { name: 'chaos-role-web', chaos: { aliases: { w: 'web' } } })
    const plugins = await discover(only(project))
    expect(plugins.list().map(({ group, name, spec }) => [group, name, spec])).toEqual([['roles', 'web', '.'], ['aliases', 'w', 'web']])
  })

  it('never looks at what merely lies in node_modules, nor at peers', async () => {
    const project = temporaryFolder()
    writePackage(project, { peerDependencies: dependencies('chaos-role-peer') })
    for (const name of ['chaos-role-peer', 'chaos-role-transitive']) writePlugin(path.join(project, 'node_modules'), name, 'role')
    expect((await discover(only(project))).list()).toEqual([])
  })

  it('takes in what a package lends, and nothing it does not depend on', async () => {
    const project = temporaryFolder()
    const nodeModules = path.join(project, 'node_modules')
    writePackage(project, { dependencies: dependencies('chaos-connector-dockerssh') })
    const lender = writePackage(path.join(nodeModules, 'chaos-connector-dockerssh'), {
      name: 'chaos-connector-dockerssh', dependencies: dependencies('@chaos/connector-docker'),
      chaos: { uses: ['@chaos/connector-docker', '@chaos/connector-ssh'] },
    })
    writePlugin(path.join(lender, 'node_modules'), '@chaos/connector-docker', 'connector')
    writePlugin(nodeModules, '@chaos/connector-ssh', 'connector')

    const plugins = await discover(only(project))

    expect(plugins.list().map(({ name, lender }) => [name, lender])).toEqual([['dockerssh', undefined], ['docker', 'chaos-connector-dockerssh']])
    expect(plugins.problems.map(({ message }) => message)).toEqual([
      'The plugin chaos-connector-dockerssh says in its package.json that it lends @chaos/connector-ssh, which is not among its dependencies.',
    ])
  })

  it('tells what is wrong with a manifest and goes on with the rest', async () => {
    const project = temporaryFolder()
    const nodeModules = path.join(project, 'node_modules')
    writePackage(project, { dependencies: dependencies('chaos-plugin-a', 'chaos-plugin-b', 'chaos-role-c', 'chaos-plugin-d', 'chaos-role-gone') })
    writePackage(path.join(nodeModules, 'chaos-plugin-a'), { name: 'chaos-plugin-a', chaos: { role: { a: './a' }, roles: { a: '../a', b: './b' } } })
    writePackage(path.join(nodeModules, 'chaos-plugin-b'), { name: 'chaos-plugin-b' })
    write(path.join(nodeModules, 'chaos-role-c/package.json'), '{ "name": ')
    writePackage(path.join(nodeModules, 'chaos-plugin-d'), { name: 'chaos-plugin-d', chaos: { uses: 'x', boats: [] } })

    const plugins = await discover(only(project))

    expect(plugins.list().map(({ name }) => name)).toEqual(['b'])
    expect(plugins.problems.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'PLUGIN_MANIFEST: The plugin chaos-plugin-a says in its package.json `"../a"` for `chaos.roles.a`.',
      'PLUGIN_MANIFEST: The plugin chaos-plugin-a says in its package.json `chaos.role`, which means nothing.',
      'PLUGIN_MANIFEST: The plugin chaos-plugin-b says in its package.json nothing under `chaos`, so it carries no plugin.',
      expect.stringMatching(/^PLUGIN_SOURCE_UNREADABLE: .*chaos-role-c\/package\.json cannot be read: /),
      'PLUGIN_MANIFEST: The plugin chaos-plugin-d says in its package.json something under `chaos.boats` that is not an object.',
      'PLUGIN_MANIFEST: The plugin chaos-plugin-d says in its package.json something under `chaos.uses` that is not a list of package names.',
      `PLUGIN_NOT_INSTALLED: ${project}/package.json asks for chaos-role-gone, but it is not installed.`,
    ])
    expect(plugins.problems[1]?.hint).toBe('Did you mean `roles`?')
  })
})

describe('names', () => {
  it('says so of a package that cannot be looked into, and goes on with the rest', async () => {
    const project = temporaryFolder()
    const nodeModules = path.join(project, 'node_modules')
    writePackage(project, { dependencies: dependencies('chaos-role-loop', 'chaos-role-half', 'chaos-role-folder', 'chaos-role-odd', 'chaos-role-good') })
    writePlugin(nodeModules, 'chaos-role-good', 'role')
    symlinkSync('chaos-role-loop', path.join(nodeModules, 'chaos-role-loop'))
    mkdirSync(path.join(nodeModules, 'chaos-role-half'))
    mkdirSync(path.join(nodeModules, 'chaos-role-folder/package.json'), { recursive: true })
    writePackage(path.join(nodeModules, 'chaos-role-odd'), { version: { one: 1 }, dependencies: null })

    const plugins = await discover(only(project))

    expect(plugins.list().map(({ name, version }) => [name, version])).toEqual([['odd', undefined], ['good', '1.0.0']])
    expect(plugins.problems.map(({ code, message }) => [code, message.replace(`${nodeModules}/`, '')])).toEqual([
      ['PLUGIN_SOURCE_UNREADABLE', 'chaos-role-loop cannot be read: ELOOP.'],
      ['PLUGIN_SOURCE_UNREADABLE', 'chaos-role-half/package.json cannot be read: there is none.'],
      ['PLUGIN_SOURCE_UNREADABLE', expect.stringContaining('chaos-role-folder/package.json cannot be read: EISDIR')],
    ])
  })

  it('refuses names that cannot be typed as a word, and takes those of JavaScript itself', async () => {
    const project = temporaryFolder()
    writePackage(project, { dependencies: dependencies('odd') })
    const names = ['', 'a b', '-x', '../up', 'a/b', '$(a)', '\u001b[31m', 'a\nb']
    const fine = ['__proto__', 'constructor', 'café', 'a.b_c-1']
    const members = (all: readonly string[]): string => `{${all.map((name) => `${JSON.stringify(name)}: "./x"`).join()}}`
    write(path.join(project, 'node_modules/odd/package.json'), `{"name":"odd","chaos":{"api":1,"roles":${members([...names, ...fine])},"aliases":{"__proto__":"constructor","toString":"café"}}}`)

    const plugins = await discover(only(project))

    expect(plugins.list('roles').map(({ name }) => name)).toEqual(fine)
    expect(plugins.problems.map(({ message }) => message)).toEqual([
      ...names.map((name) => `The plugin odd says in its package.json the name ${JSON.stringify(name)} below \`chaos.roles\`.`),
      'The alias `__proto__` of odd is the name of a role of odd, and is left out.',
    ])
    expect({ ...plugins.aliases }).toEqual({ toString: 'café' })
  })

  it('refuses a name that two packages have, and names both', async () => {
    const project = temporaryFolder()
    const nodeModules = path.join(project, 'node_modules')
    writePackage(project, { dependencies: dependencies('chaos-role-web', '@acme/chaos-role-web', 'chaos-role-other') })
    for (const name of ['chaos-role-web', '@acme/chaos-role-web', 'chaos-role-other']) writePlugin(nodeModules, name, 'role')

    const plugins = await discover(only(project))

    const message = `The role \`web\` is in two packages: chaos-role-web (${nodeModules}/chaos-role-web) and @acme/chaos-role-web (${nodeModules}/@acme/chaos-role-web).`
    expect(plugins.problems.map(({ message }) => message)).toEqual([message])
    await expect(plugins.load('roles', 'web')).rejects.toMatchObject({ code: 'PLUGIN_AMBIGUOUS', message })
    await expect(plugins.load('roles', 'other')).resolves.toBeDefined()
  })

  it('refuses it across sources too', async () => {
    const folder = temporaryFolder()
    writePackage(path.join(folder, 'project'), { dependencies: dependencies('chaos-role-files') })
    writePlugin(path.join(folder, 'project/node_modules'), 'chaos-role-files', 'role')
    const cli = writePackage(path.join(folder, 'cli'), { name: '@chaos/cli', dependencies: dependencies('@chaos/role-files') })
    writePlugin(path.join(cli, 'node_modules'), '@chaos/role-files', 'role')
    const plugins = await discover(only(path.join(folder, 'project'), { cli }))
    await expect(plugins.load('roles', 'files')).rejects.toMatchObject({ code: 'PLUGIN_AMBIGUOUS' })
  })

  it('takes an alias of several roles, as a list or in one text', async () => {
    const project = temporaryFolder()
    writePackage(project, { dependencies: dependencies('chaos-plugin-web') })
    writePackage(path.join(project, 'node_modules/chaos-plugin-web'), { name: 'chaos-plugin-web', chaos: { aliases: { web: ['packages', 'files'], site: 'users web', bad: ['files', 1], none: [] } } })

    const plugins = await discover(only(project))

    expect({ ...plugins.aliases }).toEqual({ web: 'packages files', site: 'users web' })
    expect(plugins.problems.map(({ message }) => message)).toEqual([expect.stringContaining('`["files",1]` for `chaos.aliases.bad`'), expect.stringContaining('`[]` for `chaos.aliases.none`')])
  })

  it('leaves out an alias that is the name of a role, or that two packages have', async () => {
    const project = temporaryFolder()
    writePackage(project, { dependencies: dependencies('chaos-role-web', 'chaos-role-site', 'chaos-role-shop') })
    const write = (name: string, aliases: object) => writePackage(path.join(project, 'node_modules', name), { name, chaos: { aliases } })
    write('chaos-role-web', {})
    write('chaos-role-site', { web: 'site', s: 'site' })
    write('chaos-role-shop', { s: 'shop', sh: 'shop' })

    const plugins = await discover(only(project))

    expect({ ...plugins.aliases }).toEqual({ sh: 'shop' })
    expect(plugins.problems.map(({ code }) => code)).toEqual(['PLUGIN_AMBIGUOUS', 'PLUGIN_ALIAS_IS_ROLE'])
    await expect(plugins.load('roles', 's')).rejects.toThrow(/The alias `s` is in two packages/)
  })
})

it('lists 40 plugins without importing one', async () => {
  const project = temporaryFolder()
  const names = Array.from({ length: 40 }, (_, index) => `chaos-role-number-${index}`)
  const others = Array.from({ length: 60 }, (_, index) => `package-${index}`)
  writePackage(project, { dependencies: dependencies(...names, ...others) })
  for (const name of names) writePlugin(path.join(project, 'node_modules'), name, 'role')
  for (const name of others) writePackage(path.join(project, 'node_modules', name), { name })
  const before = imports()

  const start = performance.now()
  const plugins = await discover(only(project))
  const took = performance.now() - start

  process.stdout.write(`discovery: 40 plugins among 100 dependencies in ${took.toFixed(1)} ms\n`)
  expect(plugins.list('roles').map(({ name }) => name)).toEqual(names.map((name) => name.slice('chaos-role-'.length)))
  expect(imports()).toBe(before)
  await plugins.load('roles', 'number-7')
  expect(imports()).toBe(before + 1)
})

it('finds a package that neither exports its package.json nor has any but an import condition', async () => {
  const project = temporaryFolder()
  writePackage(project, { dependencies: dependencies('chaos-role-modern') })
  writePackage(
    path.join(project, 'node_modules/chaos-role-modern'),
    { name: 'chaos-role-modern', exports: { '.': { import: { default: './lib/index.mjs' } } } },
    { 'lib/index.mjs': pluginModule('role') },
  )
  const plugins = await discover(only(project))
  await expect(plugins.load('roles', 'modern')).resolves.toBeDefined()
})
