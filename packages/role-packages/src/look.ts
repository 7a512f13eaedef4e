import { ChaosError } from '@chaos/core'
import type { Diff, Host, RoleInput, RoleState } from '@chaos/core'
import { apt, compared, packageBackend, packagesFor, pacman, plainName, undeclared } from '@chaos/operations'
import type { Inventory, PackageIndex, WantedPackage } from '@chaos/operations'
import type { keys, reads, Wanted } from './keys.ts'
import { leavingOf } from './leaving.ts'
import type { Leaving, Undeclared } from './leaving.ts'
import { shellPackages } from './shells.ts'

/** All that is known of a host and of what it shall be, before anything is decided. */
export interface Looked {
  readonly native: LookedNative | undefined
  readonly aur: LookedAur | undefined
  readonly state: RoleState
}

export interface LookedNative {
  readonly wanted: readonly WantedPackage[]
  readonly update: boolean
  readonly cacheTime: number
  readonly inventory: Inventory
  readonly offers: ReadonlyMap<string, string | undefined>
  readonly index: PackageIndex
  readonly leaving: Leaving
  readonly repositories: readonly LookedRepository[]
  readonly upgrade: { args: { full: boolean; update: boolean; cacheTime: number }; manager: 'apt' | 'pacman'; diff: Diff } | undefined
}

export interface LookedRepository {
  readonly args: NonNullable<Wanted['packages']>['repositories'][number]
  readonly diff: Diff
}

export interface LookedAur {
  readonly args: AurArgs
  readonly options: { sudoUser?: string }
  readonly diff: Diff
  /** What the role had installed and is no longer declared. */
  readonly former: readonly string[]
  readonly inventory: Inventory
}

export interface AurArgs {
  packages: string[]
  helper: 'yay' | 'paru'
}

type Input = RoleInput<typeof keys & typeof reads>

/** Asks everything at once, as root. */
export async function look({ host, desired }: Input): Promise<Looked> {
  const { aurPackages = [], aurHelpers = [] } = desired
  const backend = packageBackend(host)
  if (backend.id !== 'pacman' && aurPackages.length + aurHelpers.length > 0) {
    throw new ChaosError('AUR_WITHOUT_PACMAN', {
      message: `${host.name} has no pacman, and aurPackages and aurHelpers are for Arch.`,
      hint: 'Give these keys only to hosts with Arch, in an overlay of their group.',
      host: host.name,
    })
  }
  const [native, aur] = await Promise.all([lookAtNative(desired, host), lookAtAur(desired, host)])
  return { native, aur, state: host.state() }
}

async function lookAtNative({ packages, users, baseOverride = [], aurHelpers = [], aurPackages = [] }: Wanted, host: Host): Promise<LookedNative | undefined> {
  if (!packages) return undefined
  const backend = packageBackend(host)
  const root = host.as({ root: true })
  const { exclusive, update = backend.id === 'apt', cache_time: cacheTime } = packages
  const wanted = withShells(packagesFor(packages.list, backend.id), shellPackages(users))
  const latest = wanted.filter(({ state }) => state === 'latest')
  const staying = [...wanted.map(({ name }) => name), ...baseOverride, ...aurHelpers, ...aurPackages]
  const state = host.state()
  const looksForOthers = exclusive || undeclared(state, 'package', staying).length > 0
  const [inventory, index, requirements, repositories, upgrade, ...offered] = await Promise.all([
    root.fact(backend.inventory()),
    root.fact(backend.index()),
    looksForOthers ? root.fact(backend.requirements()) : [],
    Promise.all(repositoriesOf(packages, host).map(async (args) => ({ args, diff: await compared(() => apt.repository({ ...args, update: false }, { root: true }), host) }))),
    lookAtUpgrade({ ...packages, update }, backend.id, host),
    ...latest.map(({ name }) => root.fact(backend.offer(name))),
  ])
  const declared = new Set(staying.map((name) => plainName(name, inventory)))
  const found = { declared, exclusive, inventory, requirements, state, protects: host.protects }
  const leaving = exclusive ? await leavingOfRepositories(found, (name) => root.fact(backend.offer(name))) : leavingOf(found)
  return { wanted, update, cacheTime, inventory, index, repositories, upgrade, offers: new Map(latest.map(({ name }, at) => [name, offered[at]])), leaving }
}

/** Only what would go is asked about, so that nothing to do costs no question. */
async function leavingOfRepositories(found: Undeclared, offer: (name: string) => Promise<string | undefined>): Promise<Leaving> {
  const first = leavingOf(found)
  const offers = await Promise.all(first.remove.map(async (name) => [name, await offer(name)] as const))
  const foreign = offers.flatMap(([name, version]) => (version === undefined ? [name] : []))
  return foreign.length === 0 ? first : leavingOf({ ...found, foreign: new Set(foreign) })
}

/** A shell that is declared itself is as it is declared. */
function withShells(wanted: readonly WantedPackage[], shells: readonly string[]): WantedPackage[] {
  const missing = shells.filter((shell) => !wanted.some(({ name }) => name === shell))
  return [...wanted, ...missing.map((name): WantedPackage => ({ name, state: 'present' }))]
}

function repositoriesOf({ repositories }: NonNullable<Wanted['packages']>, host: Host): NonNullable<Wanted['packages']>['repositories'] {
  if (repositories.length === 0 || packageBackend(host).id === 'apt') return repositories
  throw new ChaosError('REPOSITORIES_WITHOUT_APT', {
    message: `${host.name} has no apt, and packages.repositories are for apt.`,
    hint: 'Give them only to hosts with Debian or its kin, in an overlay of their group.',
    host: host.name,
  })
}

async function lookAtUpgrade({ upgrade, update, cache_time: cacheTime }: NonNullable<Wanted['packages']> & { update: boolean }, manager: 'apt' | 'pacman', host: Host): Promise<LookedNative['upgrade']> {
  if (upgrade === false) return undefined
  const args = { full: upgrade === 'full', update, cacheTime }
  const diff = await compared(() => (manager === 'apt' ? apt.upgrade(args, { root: true }) : pacman.upgrade({}, { root: true })), host)
  return { args, manager, diff }
}

async function lookAtAur({ aurPackages, aurHelpers, packages }: Wanted, host: Host): Promise<LookedAur | undefined> {
  if (aurPackages === undefined) return undefined
  const args: AurArgs = { packages: [...new Set(aurPackages)], helper: aurHelpers?.[0] ?? 'yay' }
  const options = packages?.aur_user === undefined ? {} : { sudoUser: packages.aur_user }
  const former = undeclared(host.state(), 'aur', aurPackages).map(({ name }) => name)
  if (args.packages.length + former.length === 0) return undefined
  const [inventory, diff] = await Promise.all([
    host.as(options).fact(packageBackend(host).inventory()),
    args.packages.length === 0 ? [] : compared(() => pacman.aurPackages(args), host.as(options)),
  ])
  return { args, options, diff, former, inventory }
}
