import type { Kind, Names } from './kinds.ts'

interface Parts {
  readonly description: string
  /** The `chaos` field, for what the package's name does not tell. */
  readonly chaos?: object
  /** Modules besides the main one. */
  readonly modules?: readonly string[]
  readonly operations?: boolean
  readonly local?: boolean
}

const PARTS: Record<Kind, (plugin: string) => Parts> = {
  role: (plugin) => ({
    description: `The role ${plugin} for chaos.`,
    chaos: { api: 1, roles: { [plugin]: '.' }, explain: { [plugin]: './explain' } },
    modules: ['explain'],
    operations: true,
  }),
  connector: (plugin) => ({ description: `The connector @${plugin} for chaos.`, operations: true, local: true }),
  provider: (plugin) => ({ description: `The secret provider ${plugin} for chaos.`, operations: true }),
  boat: (plugin) => ({ description: `The boat ${plugin} for chaos: hosts of a fleet.`, operations: true }),
  explain: (plugin) => ({ description: `An explanation of ${plugin} for chaos.`, chaos: { api: 1, explain: { [plugin]: '.' } } }),
  aliases: (plugin) => ({ description: `Short names of roles for chaos.`, chaos: { api: 1, aliases: { [plugin]: 'files' } } }),
  keys: (plugin) => ({ description: `Example keys of a Ch-obolo for chaos.`, chaos: { api: 1, keys: { [plugin]: '.' } } }),
}

/** The package.json of a new plugin. */
export function manifestOf({ kind, package: name, plugin }: Names, author: string): object {
  const { description, chaos, modules = [], operations = false, local = false } = PARTS[kind](plugin)
  const entry = (module: string): object => ({ types: `./dist/src/${module}.d.ts`, default: `./dist/src/${module}.js` })
  return {
    name,
    version: '1.0.0',
    description,
    keywords: ['chaos', `chaos-${kind}`],
    license: 'MIT',
    author,
    type: 'module',
    engines: { node: '>=20.19' },
    ...(chaos && { chaos }),
    exports: { '.': entry('index'), ...Object.fromEntries(modules.map((each) => [`./${each}`, entry(each)])), './package.json': './package.json' },
    files: ['dist/src'],
    scripts: { build: 'tsc', test: 'tsc && node --test dist/test/*.test.js', prepack: 'tsc' },
    ...(operations && { dependencies: { '@chaos/operations': '^1.0.0' } }),
    peerDependencies: { '@chaos/core': '^1.0.0' },
    devDependencies: {
      ...(local && { '@chaos/connector-local': '^1.0.0' }),
      '@chaos/core': '^1.0.0',
      '@chaos/testkit': '^1.0.0',
      '@types/node': '^20.19.0',
      typescript: '^5.9.0',
    },
  }
}
