import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { API, isRole } from '@chaos/core'
import { describe, expect, it } from 'vitest'
import { discover } from '../src/index.ts'
import { dependencies, only, pluginModule, temporaryFolder, write, writePackage, writePlugin } from './folders.ts'

/** A project with one plugin package of this manifest and these files. */
function projectWith(json: object, files: Record<string, string>): string {
  const project = temporaryFolder()
  writePackage(project, { dependencies: dependencies('chaos-plugin-x') })
  writePackage(path.join(project, 'node_modules/chaos-plugin-x'), { name: 'chaos-plugin-x', type: 'module', ...json }, files)
  return project
}

describe('loading', () => {
  it.each([
    ['a default export', './roles', './roles.js', pluginModule('role')],
    ['a named export', './roles#myRole', './roles.js', pluginModule('role', { as: 'myRole' })],
    ['CommonJS', './roles', './roles.cjs', `module.exports = Object.defineProperty({}, '~chaos', { value: { kind: 'role', api: 1 } })`],
    ['CommonJS that was compiled from ESM', './roles', './roles.cjs',
      `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = Object.defineProperty({}, '~chaos', { value: { kind: 'role', api: 1 } })`],
  ])('takes %s', async (_, spec, file, content) => {
    const project = projectWith({ exports: { './roles': file }, chaos: { roles: { r: spec } } }, { [file]: content })
    expect(isRole(await (await discover(only(project))).load('roles', 'r'))).toBe(true)
  })

  it('resolves patterns, nested conditions and lists as Node does', async () => {
    const project = projectWith(
      {
        exports: {
          './p/*': './wrong.js',
          './p/in/*': { browser: './wrong.js', node: [{ require: './wrong.js' }, { import: './lib/*.js' }] },
          './p/in/closed': null,
        },
        chaos: { roles: { r: './p/in/roles', closed: './p/in/closed' } },
      },
      { 'lib/roles.js': pluginModule('role'), 'wrong.js': pluginModule('boat') },
    )
    const plugins = await discover(only(project))
    expect(isRole(await plugins.load('roles', 'r'))).toBe(true)
    await expect(plugins.load('roles', 'closed')).rejects.toMatchObject({ code: 'PLUGIN_NO_EXPORT' })
  })

  it('takes any file of a package without exports', async () => {
    const project = projectWith({ main: './lib', chaos: { roles: { r: '.', s: './roles' } } }, { 'lib/index.js': pluginModule('role'), 'roles.js': pluginModule('role') })
    const plugins = await discover(only(project))
    expect(isRole(await plugins.load('roles', 'r'))).toBe(true)
    expect(isRole(await plugins.load('roles', 's'))).toBe(true)
  })

  it('honours further conditions, and from source that of source', async () => {
    const exports = { './a': { special: './role.js', default: './boat.js' }, './b': { '@chaos/source': './role.js', default: './boat.js' } }
    const project = projectWith({ exports, chaos: { roles: { a: './a', b: './b' } } }, { 'role.js': pluginModule('role'), 'boat.js': pluginModule('boat') })
    const plugins = await discover({ ...only(project), conditions: ['special'] })
    expect(isRole(await plugins.load('roles', 'a'))).toBe(true)
    expect(isRole(await plugins.load('roles', 'b'))).toBe(true)
    await expect((await discover(only(project))).load('roles', 'a')).rejects.toMatchObject({ code: 'PLUGIN_WRONG_KIND' })
  })

  it('never leaves the package', async () => {
    const project = projectWith({ exports: { './r': './../out.js' }, chaos: { roles: { r: './r' } } }, {})
    write(path.join(project, 'node_modules/out.js'), pluginModule('role'))
    await expect((await discover(only(project))).load('roles', 'r')).rejects.toMatchObject({ code: 'PLUGIN_NO_EXPORT' })
  })

  it('takes what another copy of core made', async () => {
    const project = temporaryFolder()
    writePackage(project, { dependencies: dependencies('chaos-role-web') })
    writePackage(
      path.join(project, 'node_modules/chaos-role-web'),
      { name: 'chaos-role-web', type: 'module', exports: './index.js' },
      { 'index.js': `import { API, defineRole } from '@chaos/core'\nexport { API }\nexport default defineRole(function* () {})\n` },
    )
    const repository = fileURLToPath(new URL('../../..', import.meta.url))
    const core = writePackage(path.join(project, 'node_modules/@chaos/core'), { name: '@chaos/core', type: 'module', exports: './dist/index.js' })
    const tsc = spawnSync('npx', ['tsc', '-p', 'packages/core/tsconfig.build.json', '--outDir', path.join(core, 'dist')], { cwd: repository, encoding: 'utf8' })
    expect(tsc.status, tsc.stdout).toBe(0)

    const role = await (await discover(only(project))).load('roles', 'web')

    expect(isRole(role)).toBe(true)
    expect(role.form).toBe('short')
    expect(API).toBe(1)
  })
})

describe('what cannot be loaded', () => {
  it('says so of a wrong kind, a wrong api, a missing export, a missing file and a module that throws, and loads the rest', async () => {
    const project = projectWith(
      {
        exports: { './*': './*.js' },
        chaos: {
          roles: { kind: './boat', plain: './plain', api: './api', file: './none', export: './named', throws: './throws', named: './named#gone', good: './good' },
        },
      },
      {
        'boat.js': pluginModule('boat'),
        'plain.js': 'export default () => {}\n',
        'api.js': pluginModule('role', { api: 2 }),
        'named.js': pluginModule('role', { as: 'web' }),
        'throws.js': `throw new Error('no such service')\n`,
        'good.js': pluginModule('role'),
      },
    )
    const plugins = await discover(only(project))
    const failure = (name: string) => plugins.load('roles', name).then(() => undefined, (error: { code: string; message: string; hint: string }) => error)

    expect(await failure('kind')).toMatchObject({
      code: 'PLUGIN_WRONG_KIND',
      message: 'The plugin chaos-plugin-x promises the role `kind`, but its default export is of the kind boat.',
      hint: 'Export what defineRole() of @chaos/core gives.',
    })
    expect(await failure('plain')).toMatchObject({ code: 'PLUGIN_WRONG_KIND', message: expect.stringContaining('is nothing that chaos knows.') })
    expect(await failure('api')).toMatchObject({
      code: 'PLUGIN_API',
      message: 'The plugin chaos-plugin-x is made for api 2 of chaos; this chaos has api 1.',
      hint: 'Update chaos, or use an older version of the plugin.',
    })
    expect(await failure('file')).toMatchObject({ code: 'PLUGIN_NO_EXPORT', message: expect.stringContaining('at `./none`, but exports no such file.') })
    expect(await failure('export')).toMatchObject({
      code: 'PLUGIN_NO_EXPORT',
      message: 'The plugin chaos-plugin-x promises the role `export`, but its module has no default export.',
      hint: 'It exports web: name one in its package.json, as "./named#web".',
    })
    expect(await failure('named')).toMatchObject({ code: 'PLUGIN_NO_EXPORT', message: expect.stringContaining('no export `gone`') })
    expect(await failure('throws')).toMatchObject({
      code: 'PLUGIN_IMPORT',
      message: 'The plugin chaos-plugin-x cannot be loaded: no such service',
      hint: expect.stringContaining(`${project}/node_modules/chaos-plugin-x/throws.js`),
    })
    expect(await failure('good')).toBeUndefined()
  })

  it('says so of exports that throw when they are looked at, and of what was thrown that is no error', async () => {
    const files = {
      getter: "export default { get ['~chaos']() { throw new Error('looked at') } }\n",
      proxy: "export default new Proxy({}, { get() { throw new Error('looked at') }, getOwnPropertyDescriptor() { throw new Error('looked at') } })\n",
      hidden: "export default Object.defineProperty({}, '~chaos', { get() { throw new Error('looked at') } })\n",
      nothing: 'throw null\n',
      textless: "throw { toString() { throw new Error('no text') } }\n",
      good: pluginModule('role'),
    }
    const names = Object.keys(files)
    const project = projectWith({ exports: { './*': './*.js' }, chaos: { roles: Object.fromEntries(names.map((name) => [name, `./${name}`])) } }, Object.fromEntries(Object.entries(files).map(([name, text]) => [`${name}.js`, text])))
    const plugins = await discover(only(project))

    const said = await Promise.all(names.map((name) => plugins.load('roles', name).then(() => 'loaded', ({ code, message }: { code: string; message: string }) => `${code} ${message.replace(/.*: /, '')}`)))

    expect(said).toEqual([
      expect.stringContaining('PLUGIN_WRONG_KIND'), 'PLUGIN_IMPORT looked at', 'PLUGIN_IMPORT looked at',
      'PLUGIN_IMPORT it threw null', 'PLUGIN_IMPORT it threw something that is no error', 'loaded',
    ])
  })

  it('says so of a package made for another api, without importing it', async () => {
    const project = projectWith({ exports: './i.js', chaos: { api: 2, roles: { r: '.' } } }, { 'i.js': pluginModule('role') })
    const plugins = await discover(only(project))
    expect(plugins.problems.map(({ code }) => code)).toEqual(['PLUGIN_API'])
    await expect(plugins.load('roles', 'r')).rejects.toMatchObject({ code: 'PLUGIN_API' })
  })
})

describe('what is missing', () => {
  const missing = async (project: string, name: string, more = {}) =>
    (await discover(only(project, more))).load('roles', name).then(() => undefined, ({ code, message, hint }) => ({ code, message, hint }))

  it('names the package to add, and the command', async () => {
    const project = temporaryFolder()
    writePackage(project, {})
    expect(await missing(project, 'services')).toEqual({
      code: 'PLUGIN_MISSING',
      message: 'There is no role `services` among the installed plugins.',
      hint: 'Add the package that has it: npm install @chaos/role-services',
    })
  })

  it.each([
    ['bw', 'bitwarden'],
    ['op', 'onepassword'],
    ['vault', 'vault'],
  ])('names the package of the provider %s as it is called', async (name, called) => {
    const project = temporaryFolder()
    writePackage(project, {})
    const absent = async () => (await discover(only(project))).load('providers', name)
    await expect(absent()).rejects.toMatchObject({ code: 'PLUGIN_MISSING', hint: `Add the package that has it: npm install @chaos/provider-${called}` })
    writePackage(project, { dependencies: dependencies(`@chaos/provider-${called}`) })
    await expect(absent()).rejects.toMatchObject({ message: expect.stringContaining(`asks for @chaos/provider-${called}, but it is not installed`) })
  })

  it.each([
    ['pnpm-lock.yaml', {}, 'pnpm add'],
    ['yarn.lock', {}, 'yarn add'],
    ['bun.lock', {}, 'bun add'],
    ['package-lock.json', {}, 'npm install'],
    ['nothing', { packageManager: 'pnpm@10.34.8' }, 'pnpm add'],
  ])('speaks as the package manager that wrote %s', async (lockfile, json, command) => {
    const project = temporaryFolder()
    writePackage(project, json)
    write(path.join(project, lockfile), '')
    expect((await missing(project, 'web'))?.hint).toBe(`Add the package that has it: ${command} @chaos/role-web`)
  })

  it('asks for the root of a workspace in words the package manager wants to hear', async () => {
    const project = temporaryFolder()
    writePackage(project, { workspaces: ['packages/*'] })
    write(path.join(project, 'yarn.lock'), '# yarn lockfile v1\n')
    expect((await missing(project, 'web'))?.hint).toContain('yarn add -W @chaos/role-web')
    rmSync(path.join(project, 'yarn.lock'))
    write(path.join(project, 'pnpm-workspace.yaml'), 'packages: [packages/*]\n')
    write(path.join(project, 'pnpm-lock.yaml'), '')
    expect((await missing(project, 'web'))?.hint).toContain('pnpm add -w @chaos/role-web')
  })

  it('without a project it names the user’s plugin folder', async () => {
    const folder = temporaryFolder()
    expect((await missing(folder, 'web', { env: { CHAOS_PLUGIN_DIR: '/plugins' } }))?.hint).toContain('npm install --prefix /plugins @chaos/role-web')
  })

  it('asks whether it was a typing error, and imports nothing of that name', async () => {
    const project = temporaryFolder()
    writePackage(project, { dependencies: dependencies('chaos-role-services') })
    writePlugin(path.join(project, 'node_modules'), 'chaos-role-services', 'role')
    writePlugin(path.join(project, 'node_modules'), '@chaos/role-servces', 'role')
    expect((await missing(project, 'servces'))?.hint).toBe(
      'Did you mean `services`? If not, add the package that has `servces`, for example: npm install @chaos/role-servces',
    )
  })

  it('says what is wrong with the package that should have it', async () => {
    const project = temporaryFolder()
    writePackage(project, { dependencies: dependencies('chaos-role-web') })
    expect(await missing(project, 'web')).toEqual({
      code: 'PLUGIN_MISSING',
      message: `There is no role \`web\` among the installed plugins. ${project}/package.json asks for chaos-role-web, but it is not installed.`,
      hint: 'Install the dependencies of that folder.',
    })
  })
})
