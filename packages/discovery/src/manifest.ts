import { API, ChaosError, nearest } from '@chaos/core'
import { conventionalName, GROUPS, LOADABLE_GROUPS } from './groups.ts'
import type { Group } from './groups.ts'
import { isRecord } from './package-json.ts'
import type { PackageJson } from './package-json.ts'
import { badManifest } from './problem.ts'
import type { Problem } from './problem.ts'

/** One plugin as its package names it. */
export interface Declared {
  group: Group
  name: string
  /** Where it is: `.`, `./roles`, `./roles#myRole`. For an alias, what it stands for: roles and other aliases, parted by spaces. */
  spec: string
}

/** What a package says about itself, read without running it. */
export interface Manifest {
  declared: readonly Declared[]
  /** Plugins among its own dependencies that it lends. */
  uses: readonly string[]
  problems: readonly Problem[]
  /** Loading any of its plugins fails with this. */
  refusal: ChaosError | undefined
}

/** Reads the manifest of a package; undefined when it is no plugin. */
export function readManifest(packageName: string, json: PackageJson, folder: string): Manifest | undefined {
  const conventional = conventionalName(packageName)
  if (!conventional && json.chaos === undefined) return undefined
  const problems: Problem[] = []
  const fault = (said: string, hint: string): void => void problems.push(badManifest(packageName, folder, said, hint))
  const chaos = isRecord(json.chaos) ? json.chaos : {}
  if (json.chaos !== undefined && !isRecord(json.chaos)) {
    fault('something under `chaos` that is not an object', 'Write it as { "api": 1, "roles": { "my-role": "./roles#myRole" } }.')
  }

  const declared = GROUPS.flatMap((group) => declaredIn(group, chaos[group], fault))
  if (conventional?.group && chaos[conventional.group] === undefined) {
    declared.unshift({ group: conventional.group, name: conventional.name, spec: '.' })
  }
  for (const key of Object.keys(chaos)) {
    if (key === 'api' || key === 'uses' || GROUPS.some((group) => group === key)) continue
    const [near] = nearest(key, [...GROUPS, 'uses', 'api'])
    fault(`\`chaos.${key}\`, which means nothing`, near ? `Did you mean \`${near}\`?` : `The groups are ${GROUPS.join(', ')}.`)
  }
  const uses = Array.isArray(chaos.uses) ? chaos.uses.filter((name): name is string => typeof name === 'string') : []
  if (chaos.uses !== undefined && (!Array.isArray(chaos.uses) || uses.length !== chaos.uses.length)) {
    fault('something under `chaos.uses` that is not a list of package names', 'Write it as ["@chaos/connector-docker"].')
  }
  if (declared.length === 0 && uses.length === 0 && problems.length === 0) {
    fault('nothing under `chaos`, so it carries no plugin', `Name them there, for example "chaos": { "roles": { "my-role": "./roles#myRole" } }.`)
  }
  const refusal = refusalOf(packageName, chaos.api)
  return { declared, uses, problems: refusal ? [...problems, refusal] : problems, refusal }
}

/** What can be typed as a word of its own, in `@NAME/…`, and in `${secret:NAME:…}`. */
const NAME = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.-]*$/u

/** An export subpath, and optionally the export's name. */
const SPEC = /^\.(\/[^#]+)?(#[\p{ID_Start}$_][\p{ID_Continue}$]*)?$/u

function declaredIn(group: Group, members: unknown, fault: (said: string, hint: string) => void): Declared[] {
  if (members === undefined) return []
  if (!isRecord(members)) {
    fault(`something under \`chaos.${group}\` that is not an object`, `Write it as { "NAME": ${group === 'aliases' ? '"ROLE"' : '"./subpath#export"'} }.`)
    return []
  }
  return Object.entries(members).flatMap(([name, said]): Declared[] => {
    const spec = group === 'aliases' && isTexts(said) ? said.join(' ') : said
    const understood = typeof spec === 'string' && (isLoadable(group) ? SPEC.test(spec) : spec.trim() !== '')
    if (!NAME.test(name)) {
      fault(`the name ${JSON.stringify(name)} below \`chaos.${group}\``, 'A name has letters, digits and . _ - in it, and begins with a letter or a digit.')
      return []
    }
    if (understood) return [{ group, name, spec }]
    fault(
      `\`${JSON.stringify(said)}\` for \`chaos.${group}.${name}\``,
      isLoadable(group)
        ? 'It must be one of the package\'s exports, and may name what it exports: "./roles" or "./roles#myRole".'
        : 'An alias stands for a role, or for several: { "mr": "my-role", "all": ["my-role", "files"] }.',
    )
    return []
  })
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function isLoadable(group: Group): boolean {
  return LOADABLE_GROUPS.some((loadable) => loadable === group)
}

function refusalOf(packageName: string, api: unknown): ChaosError | undefined {
  return api === undefined || api === API ? undefined : wrongApi(packageName, api)
}

export function wrongApi(packageName: string, api: unknown): ChaosError {
  const newer = typeof api === 'number' && api > API
  return new ChaosError('PLUGIN_API', {
    message: `The plugin ${packageName} is made for api ${JSON.stringify(api)} of chaos; this chaos has api ${API}.`,
    hint: newer ? 'Update chaos, or use an older version of the plugin.' : 'Update the plugin.',
    details: { package: packageName, api, supported: API },
  })
}
