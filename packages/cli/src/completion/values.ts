import type { Plugins } from '@chaos/discovery'
import { choboloFile } from '../chobolo-file.ts'
import type { Config } from '../config.ts'
import { KEY_TYPES } from '../secrets/keys/key-type.ts'
import type { Candidate, ValueKind, Values } from './candidates.ts'
import { SHELLS } from './scripts.ts'

const WHAT = ['roles', 'aliases', 'explanations', 'providers', 'boats', 'connectors', 'plugins', 'secrets', 'templates']

export interface ValueSources {
  readonly config: () => Promise<Config>
  readonly plugins: () => Promise<Plugins>
  /** The word that is being written. */
  readonly word: string
  /** `-c`, where it was given. */
  readonly chobolo: string | undefined
}

/** What may stand for a value, from what is installed and written here. No plugin is imported. */
export function makeValues({ config, plugins, word, chobolo }: ValueSources): Values {
  const lists: Readonly<Record<ValueKind, () => Promise<readonly Candidate[] | 'files'>>> = {
    file: async () => 'files',
    shell: async () => SHELLS.map((each) => ({ word: each })),
    what: async () => WHAT.map((each) => ({ word: each })),
    target: async () => (await plugins()).list('roles').map(({ name, package: from }) => ({ word: name, about: from })),
    tag: async () => tags(await plugins(), await config()),
    provider: async () => (await plugins()).list('providers').map(({ name, package: from }) => ({ word: name, about: from })),
    key: async () => keys(await config()),
    topic: async () => topics(await plugins(), word),
    host: async () => hosts(choboloFile(chobolo, await config())),
  }
  return (kind) => lists[kind]()
}

function tags(plugins: Plugins, { aliases = {} }: Config): Candidate[] {
  const roles = plugins.list('roles').map(({ name, package: from }) => ({ word: name, about: from }))
  const short = Object.entries({ ...plugins.aliases, ...aliases }).map(([word, target]) => ({ word, about: `alias of ${[target].flat().join(', ')}` }))
  return [...roles, ...short.filter(({ word }) => !roles.some((each) => each.word === word))]
}

async function topics(plugins: Plugins, word: string): Promise<Candidate[]> {
  const { BUILT_IN } = await import('../explain/topics.ts')
  const own = Object.entries(BUILT_IN).flatMap(([topic, pages]) => [topic, ...Object.keys(pages).filter((each) => each !== topic).map((each) => `${topic}.${each}`)])
  // Our own operations, which are no plugin; there are many, so only where they are meant.
  const operations = word.startsWith('operations.') ? Object.keys(await (await import('../explain/operations.ts')).operationPages()).map((each) => `operations.${each}`) : []
  const installed = plugins.list('explain').map(({ name, package: from }) => ({ word: name, about: from }))
  return [...installed, ...[...own, ...operations].map((each) => ({ word: each }))]
}

async function hosts(file: string | undefined): Promise<Candidate[]> {
  if (file === undefined) return []
  const [{ readChobolo }, { secret }] = await Promise.all([import('@chaos/chobolo'), import('@chaos/core')])
  const fleet = await (await readChobolo(file, { secret: async () => secret('') })).fleet()
  if (!fleet) return []
  return [...fleet.hosts.map(({ name }) => ({ word: name })), ...Object.keys(fleet.groups).map((name) => ({ word: `group:${name}` }))]
}

/** Keys that the config names the items of. */
function keys({ secret_providers: sections = {} }: Config): Candidate[] {
  return Object.entries(sections).flatMap(([name, section]) => KEY_TYPES.filter((type) => section !== null && typeof section === 'object' && (`${type}_id` in section || `${type}_url` in section)).map((type) => ({ word: `${name}.${type}` })))
}
