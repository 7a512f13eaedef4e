import { ChaosError, nearest } from '@chaos/core'
import { conventionalName, LOADABLE } from './groups.ts'
import type { LoadableGroup } from './groups.ts'
import { installCommand } from './install-command.ts'
import type { Problem } from './problem.ts'
import type { SourceOptions } from './sources.ts'

/** Those of our packages that are not named as their plugin: providers have the name of the program they call. */
const NAMED_OTHERWISE: Partial<Record<LoadableGroup, Readonly<Record<string, string>>>> = {
  providers: { bw: 'bitwarden', op: 'onepassword' },
}

interface Missing extends SourceOptions {
  group: LoadableGroup
  name: string
  /** The names there are. */
  found: readonly string[]
  aliases: Readonly<Record<string, string>>
  problems: readonly Problem[]
}

/** A plugin nobody has: was it a typing error, is it broken, or which package has to be added? */
export function missing({ group, name, found, aliases, problems, ...sources }: Missing): ChaosError {
  const { noun, packageKind } = LOADABLE[group]
  const packageName = `@chaos/${packageKind}-${ownName(group, name)}`
  const [near] = nearest(name, [...found, ...(group === 'roles' ? Object.keys(aliases) : [])])
  const blamed =
    problems.find(({ details }) => details?.name === name && (details.group === group || (group === 'roles' && details.group === 'aliases'))) ??
    problems.find(({ details }) => typeof details?.package === 'string' && (details.package === packageName || isFor(details.package, group, name)))
  const command = installCommand(packageName, sources)
  return new ChaosError('PLUGIN_MISSING', {
    message: `There is no ${noun} \`${name}\` among the installed plugins.${blamed ? ` ${blamed.message}` : ''}`,
    hint: blamed
      ? (blamed.hint ?? '')
      : near
        ? `Did you mean \`${near}\`? If not, add the package that has \`${name}\`, for example: ${command}`
        : `Add the package that has it: ${command}`,
    details: { group, name, package: packageName, command, ...(near === undefined ? {} : { near }) },
  })
}

function ownName(group: LoadableGroup, name: string): string {
  const names = NAMED_OTHERWISE[group] ?? {}
  return (Object.hasOwn(names, name) ? names[name] : undefined) ?? name
}

function isFor(packageName: string, group: LoadableGroup, name: string): boolean {
  const conventional = conventionalName(packageName)
  return conventional?.name === name && (conventional.group === undefined || conventional.group === group || LOADABLE[group].packageKind === 'role')
}
