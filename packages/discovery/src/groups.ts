import type { Boat, Connector, Explain, Keys, Kind, Provider, Role } from '@chaos/core'

/** What a group holds, once it is loaded. */
export interface Loaded {
  roles: Role
  explain: Explain
  keys: Keys
  providers: Provider
  boats: Boat
  connectors: Connector
}

/** A group whose members are modules. */
export type LoadableGroup = keyof Loaded
/** The seven contracts, by the names they have in a `package.json`. */
export type Group = LoadableGroup | 'aliases'

interface GroupInfo {
  /** The brand a member must carry. */
  kind: Kind
  /** What one member is called in a sentence. */
  noun: string
  /** The kind that package names carry for it. */
  packageKind: string
  define: string
}

/** In the order people are shown them. */
export const LOADABLE: Readonly<Record<LoadableGroup, GroupInfo>> = {
  roles: { kind: 'role', noun: 'role', packageKind: 'role', define: 'defineRole' },
  explain: { kind: 'explain', noun: 'explanation', packageKind: 'role', define: 'defineExplain' },
  keys: { kind: 'keys', noun: 'example of keys', packageKind: 'role', define: 'defineKeys' },
  providers: { kind: 'provider', noun: 'secret provider', packageKind: 'provider', define: 'defineProvider' },
  boats: { kind: 'boat', noun: 'boat', packageKind: 'boat', define: 'defineBoat' },
  connectors: { kind: 'connector', noun: 'connector', packageKind: 'connector', define: 'defineConnector' },
}

export const LOADABLE_GROUPS = Object.keys(LOADABLE) as readonly LoadableGroup[]
export const GROUPS: readonly Group[] = [...LOADABLE_GROUPS, 'aliases']

/** The group a package of one kind fills by its name alone; `plugin` carries several and must say which. */
const GROUP_OF_KIND: Readonly<Record<string, LoadableGroup | undefined>> = {
  connector: 'connectors',
  provider: 'providers',
  boat: 'boats',
  role: 'roles',
}

const NAME = /^(?:@chaos\/|(?:@[^/]+\/)?chaos-)(connector|provider|boat|role|plugin)-([a-z0-9][\w.-]*)$/

export interface ConventionalName {
  /** Not given for `plugin`. */
  group: LoadableGroup | undefined
  name: string
}

/** What a package's name says about it: `@chaos/KIND-NAME` is ours, `chaos-KIND-NAME` and `@scope/chaos-KIND-NAME` anyone's. */
export function conventionalName(packageName: string): ConventionalName | undefined {
  const [, kind, name] = NAME.exec(packageName) ?? []
  return kind && name ? { group: GROUP_OF_KIND[kind], name } : undefined
}
