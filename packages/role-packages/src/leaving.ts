import type { Host, RoleState } from '@chaos/core'
import { undeclared } from '@chaos/operations'
import type { Inventory, Requirement } from '@chaos/operations'
import { neededBy } from './needed.ts'

/** What is not declared: what goes of it, what is forgotten because it is gone, and what is kept, with the reason. */
export interface Leaving {
  readonly remove: readonly string[]
  readonly forget: readonly string[]
  readonly kept: readonly string[]
}

export interface Undeclared {
  /** Packages that are declared, or stay whatever the list says. */
  readonly declared: ReadonlySet<string>
  readonly exclusive: boolean
  readonly inventory: Inventory
  readonly requirements: readonly Requirement[]
  readonly state: RoleState
  readonly protects: Host['protects']
  /** Installed, and in no repository: built here, or of the AUR. Not what this list is about. */
  readonly foreign?: ReadonlySet<string>
}

/** Of packages that are not declared, those the role installed itself go; with `exclusive` all that somebody asked for. */
export function leavingOf({ declared, exclusive, inventory, requirements, state, protects, foreign = new Set() }: Undeclared): Leaving {
  const { packages } = inventory
  const owned = undeclared(state, 'package', declared).map(({ name }) => name)
  const own = new Set(owned)
  const kept: string[] = []
  const mine = owned.filter((name) => {
    const have = packages.get(name)
    if (!have) return false
    const why = have.held ? 'it was put on hold since chaos installed it' : have.explicit ? protects('package', name) : 'it was marked as a dependency since chaos installed it'
    if (why !== undefined) kept.push(`${name}: ${why}`)
    return why === undefined
  })
  const others = exclusive
    ? [...packages.values()].filter(({ name, explicit, held, base }) => explicit && !held && base !== true && !declared.has(name) && !own.has(name) && !foreign.has(name) && protects('package', name) === undefined).map(({ name }) => name)
    : []
  const going = new Set([...mine, ...others])
  const needed = neededBy(going, inventory, requirements)
  for (const [name, by] of needed) if (going.has(name)) kept.push(`${name}: ${by} needs it`)
  return { remove: [...going].filter((name) => !needed.has(name)), forget: owned.filter((name) => !packages.has(name)), kept }
}
