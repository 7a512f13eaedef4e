import { defineFact, script, sh, touch } from '@chaos/core'
import type { InstalledPackage, Inventory } from '../server/package-backend.ts'
import { bareName, fieldOf, localDatabase } from './local-database.ts'
import { matchesPattern } from './pattern.ts'

/** What pacman has installed, and what of it stands beside nothing that is called so. */
export interface PacmanInventory extends Inventory {
  /** By name: installed packages that conflict with it, whatever its version. */
  readonly conflicts: ReadonlyMap<string, readonly string[]>
}

// Only groups of which something is installed can be complete.
const SETTINGS = script(`pacman-conf IgnorePkg | sed 's/^/%IGNORE% /'
pacman-conf IgnoreGroup | sed 's/^/%IGNOREGROUP% /'
set -f
set -- $(pacman -Qg | cut -d ' ' -f 1 | sort -u)
[ $# -eq 0 ] || pacman -Sg -- "$@" 2>/dev/null | sed 's/^/%MEMBER% /'`)

/** Everything that pacman has installed. A provided name and a group all of whose members are there count as pacman counts them. */
export const inventory = defineFact({
  name: 'pacman.inventory',
  about: 'Installed packages with version, reason and whether they are ignored by upgrades; what they provide; groups that are complete.',
  command: () => sh`${localDatabase(['VERSION', 'REASON', 'PROVIDES', 'CONFLICTS', 'GROUPS'])}
${SETTINGS}`,
  parse: parseInventory,
  reads: () => [touch.named('package')],
})

interface Found {
  name: string
  version: string
  explicit: boolean
  provides: string[]
  conflicts: string[]
  groups: string[]
}

export function parseInventory(stdout: string): PacmanInventory {
  const found: Found[] = []
  const ignored: string[] = []
  const ignoredGroups: string[] = []
  const members = new Map<string, string[]>()
  for (const { field, value } of stdout.split('\n').map(fieldOf).filter((each) => each !== undefined)) {
    const last = found.at(-1)
    if (field === 'NAME') found.push({ name: value, version: '', explicit: true, provides: [], conflicts: [], groups: [] })
    else if (field === 'IGNORE') ignored.push(value)
    else if (field === 'IGNOREGROUP') ignoredGroups.push(value)
    else if (field === 'MEMBER') add(members, ...(value.split(' ') as [string, string]))
    else if (field === 'VERSION' && last) last.version = value
    else if (field === 'REASON' && last) last.explicit = value !== '1'
    else if (field === 'PROVIDES') last?.provides.push(bareName(value))
    else if (field === 'CONFLICTS' && bareName(value) === value) last?.conflicts.push(value)
    else if (field === 'GROUPS') last?.groups.push(value)
  }
  // Without a version it is what an installation that was cut off has left.
  const whole = found.filter(({ version }) => version !== '')
  const names = new Set(whole.map(({ name }) => name))
  const held = (each: Found) => ignored.some((pattern) => matchesPattern(pattern, each.name)) || each.groups.some((group) => ignoredGroups.some((pattern) => matchesPattern(pattern, group)))
  const provided = new Map<string, string[]>()
  for (const { name, provides } of whole) for (const each of provides) add(provided, each, name)
  for (const [group, all] of members) if (all.every((name) => names.has(name))) add(provided, group, ...all)
  const conflicts = new Map<string, string[]>()
  for (const each of whole) for (const conflict of each.conflicts) add(conflicts, conflict, each.name)
  const packages = new Map(whole.map((each): [string, InstalledPackage] => [each.name, { name: each.name, version: each.version, explicit: each.explicit, held: held(each) }]))
  return { packages, provided, conflicts, interrupted: false }
}

function add(lists: Map<string, string[]>, key: string, ...values: string[]): void {
  lists.set(key, [...(lists.get(key) ?? []), ...values])
}
