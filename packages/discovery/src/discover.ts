import { ChaosError } from '@chaos/core'
import { collectPackages } from './packages.ts'
import type { PluginPackage, Shadowed } from './packages.ts'
import { GROUPS, LOADABLE } from './groups.ts'
import type { Group, LoadableGroup, Loaded } from './groups.ts'
import { loadPlugin } from './load.ts'
import { missing } from './missing.ts'
import type { Problem } from './problem.ts'
import { sourcesOf } from './sources.ts'
import type { SourceName, SourceOptions } from './sources.ts'
import { trustOf } from './trust.ts'

export interface DiscoverOptions {
  /** The folder of the Ch-obolo. */
  from: string
  /** The program as it was started. Default `process.argv[1]`. */
  argv1?: string
  /** Default `process.env`. */
  env?: NodeJS.ProcessEnv
  /** The folder of the CLI's package, whose own dependencies are the last source. */
  cli?: string
  /** Export conditions beyond those of Node. */
  conditions?: readonly string[]
}

/** One plugin that was found, and not run. */
export interface PluginEntry {
  group: Group
  name: string
  package: string
  version: string | undefined
  /** Real path of its package. */
  folder: string
  source: SourceName
  /** The package that lends it (`chaos.uses`), when nobody asked for it directly. */
  lender?: string
  /** Where it is: `.`, `./roles`, `./roles#myRole`. For an alias, the name of the role. */
  spec: string
}

export interface Plugins {
  /** What was found of one group, or of all, in the order of the sources. */
  list(group?: Group): readonly PluginEntry[]
  /** Imports one module and checks its kind and api. Rejects with a ChaosError `PLUGIN_…`. */
  load<G extends LoadableGroup>(group: G, name: string): Promise<Loaded[G]>
  /** Short names of roles. */
  readonly aliases: Readonly<Record<string, string>>
  readonly packages: readonly PluginPackage[]
  /** Copies of packages that an earlier source has too. */
  readonly shadowed: readonly Shadowed[]
  /** What is wrong with what was found. None of it ends the search. */
  readonly problems: readonly Problem[]
}

/** Finds the plugins of a Ch-obolo. Imports none of them. */
export async function discover({ from, argv1 = process.argv[1], env = process.env, cli, conditions = [] }: DiscoverOptions): Promise<Plugins> {
  const sourceOptions: SourceOptions = { from, argv1, env, cli }
  const { packages, shadowed, problems } = collectPackages(sourcesOf(sourceOptions), trustOf(env))
  const { entries, refusals } = entriesOf(packages, problems)
  const aliases: Record<string, string> = Object.create(null)
  for (const { name, spec } of entries.get('aliases')!.values()) aliases[name] = spec

  return {
    list: (group) => (group ? [group] : GROUPS).flatMap((each) => [...entries.get(each)!.values()]),
    async load(group, name) {
      const entry = entries.get(group)?.get(name)
      if (!entry) throw missing({ group, name, found: [...(entries.get(group)?.keys() ?? [])], aliases, problems, ...sourceOptions })
      const refusal = refusals.get(entry)
      if (refusal) throw refusal
      return loadPlugin(entry as PluginEntry & { group: typeof group }, conditions)
    },
    aliases,
    packages: packages.map(({ manifest: _, ...shown }) => shown),
    shadowed,
    problems,
  }
}

type Entries = ReadonlyMap<Group, Map<string, PluginEntry>>

/** Names belong to one package each: which of two was meant is not for us to guess. */
function entriesOf(packages: ReturnType<typeof collectPackages>['packages'], problems: Problem[]) {
  const entries: Entries = new Map(GROUPS.map((group) => [group, new Map<string, PluginEntry>()]))
  const refusals = new Map<PluginEntry, ChaosError>()
  for (const { manifest, ...about } of packages) {
    for (const declared of manifest.declared) {
      const entry: PluginEntry = { ...declared, package: about.name, version: about.version, folder: about.folder, source: about.source }
      if (about.lender !== undefined) entry.lender = about.lender
      const names = entries.get(declared.group)!
      const first = names.get(declared.name)
      if (!first) {
        names.set(declared.name, entry)
        if (manifest.refusal) refusals.set(entry, manifest.refusal)
      } else {
        const error = ambiguous(first, entry)
        problems.push(error)
        refusals.set(first, error)
      }
    }
  }
  const aliases = entries.get('aliases')!
  for (const [name, alias] of aliases) {
    const role = entries.get('roles')!.get(name)
    if (role || refusals.has(alias)) aliases.delete(name)
    if (role) problems.push(aliasOfRole(alias, role))
  }
  return { entries, refusals }
}

function ambiguous(first: PluginEntry, second: PluginEntry): ChaosError {
  const what = first.group === 'aliases' ? 'alias' : LOADABLE[first.group].noun
  return new ChaosError('PLUGIN_AMBIGUOUS', {
    message: `The ${what} \`${first.name}\` is in two packages: ${first.package} (${first.folder}) and ${second.package} (${second.folder}).`,
    hint: 'Remove the one you did not mean.',
    details: { group: first.group, name: first.name, packages: [first.package, second.package] },
  })
}

function aliasOfRole(alias: PluginEntry, role: PluginEntry): ChaosError {
  return new ChaosError('PLUGIN_ALIAS_IS_ROLE', {
    message: `The alias \`${alias.name}\` of ${alias.package} is the name of a role of ${role.package}, and is left out.`,
    hint: 'The role goes by its name; the other one by its full name.',
    details: { group: 'aliases', name: alias.name, packages: [alias.package, role.package] },
  })
}
