import { ChaosError } from '@chaos/core'
import type { Inventory, PackageIndex, WantedPackage, WantedPackages } from './package-backend.ts'

/** What is to be done about packages. All empty = already so. */
export interface PackageDifference {
  /** Not there at all, or not whole. */
  readonly install: readonly WantedPackage[]
  /** There at another version than the one wanted, or older than what is offered for `latest`. */
  readonly change: readonly ChangedPackage[]
  /** There, but only as a dependency: somebody wants them now. */
  readonly mark: readonly string[]
  readonly remove: readonly string[]
}

export interface ChangedPackage {
  readonly name: string
  readonly from: string
  readonly to: string
  /** The version was asked for; otherwise it is what is offered now. */
  readonly exact: boolean
}

/** What is offered, by name, of those that should be `latest`. */
export type Offers = ReadonlyMap<string, string | undefined>

/**
 * Compares what is installed with what should be. The role `packages` decides by it whether there is anything to do, and the
 * backends what: so they never disagree. A virtual name is there when something installed provides it.
 */
export function comparePackages(wanted: readonly WantedPackage[], inventory: Pick<Inventory, 'packages' | 'provided' | 'native'>, offers: Offers): PackageDifference {
  const { packages, provided } = inventory
  const install: WantedPackage[] = []
  const change: ChangedPackage[] = []
  const mark: string[] = []
  const remove: string[] = []
  for (const given of wanted) {
    const each = { ...given, name: plainName(given.name, inventory) }
    const { name, version, state } = each
    const have = packages.get(name)
    if (state === 'absent') {
      if (have) remove.push(name)
      continue
    }
    if (!have) {
      if (version !== undefined || !provided.has(name)) install.push(each)
      continue
    }
    const to = version ?? (state === 'latest' && !have.held ? offers.get(given.name) : undefined)
    if (to !== undefined && to !== have.version) change.push({ name, from: have.version, to, exact: version !== undefined })
    if (!have.explicit) mark.push(name)
  }
  return { install, change, mark, remove }
}

/** A name as the inventory has it: without the architecture that is meant anyway. */
export function plainName(name: string, { native }: Pick<Inventory, 'native'>): string {
  return native !== undefined && name.endsWith(native) ? name.slice(0, -native.length) : name
}

/** Nothing is to be done. */
export function isSame({ install, change, mark, remove }: PackageDifference): boolean {
  return [install, change, mark, remove].every((names) => names.length === 0)
}

/**
 * Whether the index is refreshed first: when that is asked for, it is older than may be, and something depends on it. What is
 * `latest` is not known before.
 */
export function needsRefresh({ update, cacheTime, packages }: WantedPackages, { install, change }: PackageDifference, { age }: PackageIndex): boolean {
  const depends = install.length > 0 || change.length > 0 || packages.some(({ state }) => state === 'latest')
  return update && depends && (age === undefined || age > cacheTime)
}

/** The same packages once each. What contradicts itself is an error that names it. */
export function eachOnce(wanted: readonly WantedPackage[]): WantedPackage[] {
  const known = new Map<string, WantedPackage>()
  for (const each of wanted) {
    const other = known.get(each.name)
    if (other && (other.state !== each.state || other.version !== each.version)) {
      throw new ChaosError('PACKAGE_CONTRADICTION', { message: `The package ${each.name} is asked for twice, and differently: ${said(other)} and ${said(each)}.`, hint: 'Leave one of the two.' })
    }
    known.set(each.name, each)
  }
  return [...known.values()]
}

function said({ state, version }: WantedPackage): string {
  return version ?? state
}

/** No index on the host knows a package of these names. */
export function unknownPackage(names: readonly string[], host: string, index: string): ChaosError {
  return new ChaosError('PACKAGE_UNKNOWN', {
    message: `${host} knows no package ${names.join(', ')}: ${index}.`,
    hint: 'Look for a typing error; or refresh the index (update: true), or add the repository that has it.',
    host,
    details: { packages: names },
  })
}

/** A package that was put on hold is not changed. */
export function heldPackage(name: string, host: string, what: string): ChaosError {
  return new ChaosError('PACKAGE_HELD', {
    message: `The package ${name} is on hold on ${host}, and would be ${what}.`,
    hint: 'Somebody wants it to stay as it is. Release it there, or take it out of the list.',
    host,
    details: { package: name },
  })
}
