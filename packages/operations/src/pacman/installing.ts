import { ChaosError, sh } from '@chaos/core'
import type { Change, Host } from '@chaos/core'
import type { WantedPackage } from '../server/package-backend.ts'
import { unknownPackage } from '../server/package-difference.ts'
import { refused, staleLock } from './errors.ts'
import type { PacmanInventory } from './inventory.ts'
import { bareName } from './local-database.ts'
import { whenFree } from './lock.ts'
import { asTarget } from './names.ts'
import { index, offer } from './offer.ts'
import { installation } from './simulation.ts'
import type { Installation } from './simulation.ts'

export interface Surroundings {
  readonly have: PacmanInventory
  /** What is removed before. */
  readonly going: ReadonlySet<string>
}

/** The installation of packages, groups and virtual packages, with all that comes along; what cannot be is an error. */
export async function installing(wanted: readonly WantedPackage[], { have, going }: Surroundings, host: Host): Promise<Change[]> {
  if (wanted.length === 0) return []
  const targets = wanted.map(asTarget)
  const versioned = wanted.filter(({ version }) => version !== undefined)
  const [would, { age }, ...offers] = await Promise.all([
    host.fact(installation(targets)),
    host.fact(index()),
    ...versioned.map(async ({ name }) => [name, await host.fact(offer(name))] as const),
  ])
  if (would.staleLock !== undefined) throw staleLock(would.staleLock, host)
  refuseUnknown(would.unknown, { wanted, offers: new Map(offers), listed: age !== undefined }, host)
  if (would.refused !== undefined) throw refused('install', targets, would.refused, host)
  refuseConflicts(would, { have, going }, host)
  const lines = would.packages.map(({ name, version }) => `${name} ${versionOf(have, name)}${version}\n`)
  return [{
    summary: summaryOf(targets, would, have),
    before: null,
    after: lines.join(''),
    do: [{ run: whenFree(sh`pacman -S --needed --noconfirm --noprogressbar -- ${targets}`) }],
  }]
}

function versionOf({ packages }: PacmanInventory, name: string): string {
  const old = packages.get(name)
  return old ? `${old.version} → ` : ''
}

function summaryOf(targets: readonly string[], { packages }: Installation, { packages: installed }: PacmanInventory): string {
  const asked = new Set(targets.map(bareName))
  const along = packages.filter(({ name }) => !asked.has(name)).map(({ name }) => name)
  const words = targets.map((target) => {
    const { name, version } = packages.find((each) => each.name === bareName(target)) ?? { name: target, version: '' }
    return installed.has(name) ? `${name} ${installed.get(name)?.version} → ${version}` : `${name} ${version}`.trim()
  })
  const shown = along.length > 8 ? `${along.slice(0, 8).join(', ')} and ${along.length - 8} more` : along.join(', ')
  return `install ${words.join(', ')}${along.length === 0 ? '' : `, with ${shown}`}`
}

function refuseUnknown(unknown: readonly string[], { wanted, offers, listed }: { wanted: readonly WantedPackage[]; offers: ReadonlyMap<string, string | undefined>; listed: boolean }, host: Host): void {
  if (unknown.length === 0) return
  if (!listed) throw unknownPackage(unknown, host.name, 'it has no package lists of its repositories yet')
  for (const { name, version } of wanted) {
    const offered = offers.get(name)
    if (version === undefined || offered === undefined || !unknown.includes(`${name}=${version}`)) continue
    throw new ChaosError('PACKAGE_UNKNOWN', {
      message: `The repositories of ${host.name} have ${name} ${offered}, not ${version}: repositories of pacman hold one version of a package.`,
      hint: `Write ${offered} or no version; for another one, let the host use an archive repository of that day.`,
      host: host.name,
      details: { package: name, wanted: version, offered },
    })
  }
  throw unknownPackage(unknown.map(bareName), host.name, 'neither a package, nor a group, nor something that a package provides is called so in its repositories')
}

/** pacman without anybody to ask refuses to replace what is there. Conflicts with certain versions only are left to it. */
function refuseConflicts({ packages }: Installation, { have, going }: Surroundings, host: Host): void {
  for (const { name, conflicts } of packages) {
    const others = conflicts.flatMap((each) => (have.packages.has(each) ? [each] : (have.provided.get(each) ?? [])))
    const found = [...others, ...(have.conflicts.get(name) ?? [])].find((other) => other !== name && !going.has(other))
    if (found === undefined) continue
    throw new ChaosError('PACKAGE_CONFLICT', {
      message: `${name} would be installed on ${host.name}, and does not stand beside ${found}, which is there.`,
      hint: `Say that ${found} is to be absent, in the same list, or leave ${name} out.`,
      host: host.name,
      details: { package: name, conflicts: found },
    })
  }
}
