import { ChaosError, sh } from '@chaos/core'
import type { Change, Diff, Host } from '@chaos/core'
import type { WantedPackage, WantedPackages } from '../server/package-backend.ts'
import { comparePackages, eachOnce, heldPackage, needsRefresh } from '../server/package-difference.ts'
import type { PackageDifference } from '../server/package-difference.ts'
import { installing } from './installing.ts'
import { inventory } from './inventory.ts'
import { whenFree } from './lock.ts'
import { asTarget, wrongName } from './names.ts'
import { index, offer } from './offer.ts'
import { removal } from './removal.ts'

export interface PacmanWanted extends WantedPackages {
  /** What goes takes dependencies along that nothing else needs. */
  readonly recursive?: boolean
}

/** The difference of a list of packages. */
export async function packagesDiff(wanted: PacmanWanted, host: Host): Promise<Diff> {
  const packages = eachOnce(wanted.packages)
  checkNames(packages, host.name)
  const latest = packages.filter(({ state }) => state === 'latest')
  const [have, age, ...offers] = await Promise.all([
    host.fact(inventory()),
    wanted.update ? host.fact(index()) : { age: undefined },
    ...latest.map(async ({ name }) => [name, await host.fact(offer(name))] as const),
  ])
  const difference = comparePackages(packages, have, new Map(offers))
  const refresh = needsRefresh(wanted, difference, age)
  const held = difference.change.find(({ name }) => have.packages.get(name)?.held)
  if (held) throw heldPackage(held.name, host.name, `changed to ${held.to}`)
  const targets = targetsOf(packages, difference)
  const [gone, come] = await Promise.all([
    removal(difference.remove, have, host, wanted),
    refresh ? [refreshing(targets, latest)] : installing(targets, { have, going: new Set(difference.remove) }, host),
  ])
  return [...gone, ...come, ...marks(difference)]
}

function checkNames(packages: readonly WantedPackage[], host: string): void {
  const message = packages.map(({ name }) => wrongName(name)).find((wrong) => wrong !== undefined)
  if (message !== undefined) throw new ChaosError('PACKAGE_NAME', { message: `${message}.`, hint: 'Write the name as `pacman -Ss` shows it, without the repository.', host })
}

/** What is to be installed or changed, as it was declared. */
function targetsOf(wanted: readonly WantedPackage[], { install, change }: PackageDifference): WantedPackage[] {
  const names = new Set([...install, ...change].map(({ name }) => name))
  return wanted.filter(({ name }) => names.has(name))
}

/**
 * New lists without an upgrade of everything would be a partial upgrade, which Arch does not support: what is installed then may
 * need newer libraries than those that are there. So both are one transaction.
 */
function refreshing(targets: readonly WantedPackage[], latest: readonly WantedPackage[]): Change {
  const names = [...new Set([...targets, ...latest])].map(asTarget)
  const what = targets.length === 0 ? '' : `, install ${targets.map(({ name }) => name).join(', ')}`
  return {
    summary: `refresh the package lists and upgrade all packages${what}`,
    do: [{ run: whenFree(sh`pacman -Syu --needed --noconfirm --noprogressbar -- ${names}`) }],
  }
}

function marks({ mark }: PackageDifference): Change[] {
  if (mark.length === 0) return []
  return [{
    summary: `mark ${mark.join(', ')} as explicitly installed`,
    before: 'dependency', after: 'explicit',
    do: [{ run: whenFree(sh`pacman -D --asexplicit -- ${mark}`) }],
  }]
}
