import { ChaosError } from '@chaos/core'
import type { Change, Diff, Host, Removal } from '@chaos/core'
import type { ChangedPackage, PackageDifference } from '../server/package-difference.ts'
import { comparePackages, eachOnce, heldPackage, needsRefresh, plainName, unknownPackage } from '../server/package-difference.ts'
import type { PackageIndex, WantedPackage, WantedPackages } from '../server/package-backend.ts'
import { aptGetWithin, markManual, mend, purgeConfiguration, refreshIndex } from './command.ts'
import { aptInventory } from './inventory.ts'
import type { AptInventory } from './inventory.ts'
import { installWord, removeWord, wrongAptName } from './names.ts'
import { aptOffer } from './offer.ts'
import { aptIndex } from './package-index.ts'
import { aptSimulation } from './simulation.ts'
import type { Simulation } from './simulation.ts'

export interface AptWanted extends WantedPackages {
  readonly noRecommends?: boolean
  readonly purge?: boolean
  readonly allowDowngrades?: boolean
}

/** What one transaction of apt is to do. */
interface Transaction {
  readonly install: readonly WantedPackage[]
  readonly change: readonly ChangedPackage[]
  readonly remove: readonly string[]
  readonly words: readonly string[]
  readonly options: readonly string[]
}

/** Compares packages with what should be. One question deep; what else would come or go is asked when something differs. */
export async function packageChanges(wanted: AptWanted, host: Host): Promise<Diff> {
  const packages = eachOnce(wanted.packages)
  checkNames(packages, host.name)
  const latest = packages.filter(({ state }) => state === 'latest')
  const [inventory, index, ...offered] = await Promise.all([host.fact(aptInventory()), host.fact(aptIndex()), ...latest.map(({ name }) => host.fact(aptOffer(name)))])
  const difference = comparePackages(packages, inventory, new Map(latest.map(({ name }, at) => [name, offered[at]])))
  refuseHeld(difference, inventory, host.name)
  const refresh = needsRefresh(wanted, difference, index)
  const transaction = transactionOf(wanted, difference, refresh ? latest.filter(({ name }) => inventory.packages.get(plainName(name, inventory))?.held !== true) : [], inventory)
  const purged = wanted.purge === true ? packages.filter(({ name, state }) => state === 'absent' && inventory.residual.has(plainName(name, inventory))).map(({ name }) => plainName(name, inventory)) : []
  const simulation = transaction.words.length === 0 ? undefined : await host.fact(aptSimulation('install', transaction.options, transaction.words))
  // What is protected is refused by its name, which says more than apt does of it.
  if (simulation && !difference.remove.some((name) => host.protects('package', name))) refuseImpossible(simulation, inventory, { refresh, index, host: host.name })
  const changes = [
    ...(refresh ? [{ summary: 'refresh the package index', do: [{ run: refreshIndex }] }] : []),
    ...(simulation ? transactionChanges(transaction, simulation, inventory) : []),
    ...(difference.mark.length > 0 ? [{ summary: `mark as asked for: ${difference.mark.join(', ')}`, do: [{ run: markManual(difference.mark) }] }] : []),
    ...(purged.length > 0 ? [{ summary: `purge the configuration of ${purged.join(', ')}`, removes: true, do: [{ run: purgeConfiguration(purged) }] }] : []),
  ]
  if (changes.length === 0 || !inventory.interrupted) return changes
  return [{ summary: `finish the installation that was cut off${inventory.broken.size > 0 ? `: ${[...inventory.broken].join(', ')}` : ''}`, do: [{ run: mend }] }, ...changes]
}

function checkNames(packages: readonly WantedPackage[], host: string): void {
  const message = packages.map(({ name }) => wrongAptName(name)).find((wrong) => wrong !== undefined)
  if (message !== undefined) throw new ChaosError('PACKAGE_NAME', { message: `${message}.`, hint: 'Write the name as `apt-cache search` shows it.', host })
}

function refuseHeld({ change, remove }: PackageDifference, { packages }: AptInventory, host: string): void {
  const changed = change.find(({ name }) => packages.get(name)?.held)
  if (changed) throw heldPackage(changed.name, host, `changed from ${changed.from} to ${changed.to}`)
  const removed = remove.find((name) => packages.get(name)?.held)
  if (removed !== undefined) throw heldPackage(removed, host, 'removed')
}

/** Everything in one: what replaces another goes in as that goes out. */
function transactionOf(wanted: AptWanted, { install, change, remove }: PackageDifference, newest: readonly WantedPackage[], inventory: AptInventory): Transaction {
  const known = new Set([...install, ...change].map(({ name }) => name))
  const asked = [
    ...install,
    ...change.map(({ name, to, exact }) => ({ name, version: exact ? to : undefined })),
    ...newest.filter(({ name }) => !known.has(plainName(name, inventory))),
  ]
  return {
    install, change, remove,
    words: [...asked.map((each) => installWord(each, inventory.architecture)), ...remove.map((name) => removeWord(name, inventory.architecture))],
    options: [
      ...(wanted.noRecommends ? ['--no-install-recommends'] : []),
      ...(wanted.purge ? ['--purge'] : []),
      ...(wanted.allowDowngrades ? ['--allow-downgrades'] : []),
    ],
  }
}

function refuseImpossible({ error, unknown }: Simulation, inventory: AptInventory, { refresh, index, host }: { refresh: boolean; index: PackageIndex; host: string }): void {
  if (error === undefined) return
  const old = index.age === undefined ? 'its package index is missing, or older than its repositories' : 'its package index does not have it'
  if (unknown.length > 0 || /unmet dependencies|held broken packages/.test(error)) {
    // What comes with the new index may be what is missing.
    if (refresh) return
    if (unknown.length > 0) throw unknownPackage(unknown.map((name) => withoutArchitecture(name, inventory)), host, /virtual package provided by/.test(error) ? `it is one that several provide, so one of them has to be named (${error})` : old)
  }
  throw new ChaosError('PACKAGES_IMPOSSIBLE', {
    message: `apt cannot do this on ${host}: ${error}.`,
    hint: /downgraded/.test(error) ? 'allowDowngrades: true goes back to an older version.' : 'Look at it there with apt-get -s install.',
    host,
  })
}

/** `aaa:amd64=3.0` as it was written: `aaa=3.0`. */
function withoutArchitecture(word: string, inventory: AptInventory): string {
  const [name = '', ...version] = word.split('=')
  return [plainName(name, inventory), ...version].join('=')
}

/** What the one command does, as the plan shows it; the first of the changes brings it along. */
function transactionChanges({ install, change, remove, words, options }: Transaction, { installs, removes }: Simulation, inventory: AptInventory): Change[] {
  const gone = [...remove, ...removes.filter((name) => !remove.includes(name))]
  const steps = [{ run: aptGetWithin(gone, 'install', options, words) }]
  const explicit = [...inventory.packages.values()].filter((each) => each.explicit).length
  const named = new Set([...install, ...change].map(({ name }) => name))
  const along = installs.filter(({ name }) => !named.has(name) && !named.has(`${name}:${inventory.architecture}`))
  const versionOf = (name: string): string => installs.find((each) => each.name === name)?.version ?? ''
  const shown = {
    before: installs.filter(({ from }) => from !== undefined).map(({ name, from }) => `${name} ${from}\n`).join(''),
    after: installs.map(({ name, version }) => `${name} ${version}\n`).join(''),
  }
  const phrases = [
    ...(install.length > 0 ? [`install ${install.map(({ name }) => `${name} ${versionOf(name)}`.trim()).join(', ')}`] : []),
    ...(change.length > 0 ? [change.map(({ name, from, to }) => `${name} ${from} → ${to}`).join(', ')] : []),
    ...(install.length + change.length === 0 && words.length > remove.length ? ['what is latest in the new index'] : []),
    ...(along.length > 0 ? [`with ${along.map(({ name }) => name).join(', ')}`] : []),
  ]
  const coming: Change[] = phrases.length === 0 ? [] : [{ summary: phrases.join(', '), ...(installs.length > 0 ? shown : {}), do: steps }]
  if (gone.length === 0) return coming
  const removal = { summary: `remove ${gone.join(', ')}`, removes: gone.map((name): Removal => ({ kind: 'package', name, of: explicit })) }
  return [...coming, { ...removal, do: coming.length === 0 ? steps : [] }]
}
