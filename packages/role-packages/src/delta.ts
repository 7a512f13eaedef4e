import type { Op, OperationOptions } from '@chaos/core'
import { apt, comparePackages, differs, disown, isOwned, needsRefresh, own, pacman, plainName, server } from '@chaos/operations'
import type { AnyPackageItem, WantedPackage } from '@chaos/operations'
import type { Looked, LookedAur, LookedNative } from './look.ts'

export interface PackagesDelta {
  readonly add: readonly string[]
  readonly change: readonly string[]
  readonly remove: readonly string[]
  readonly kept: readonly string[]
}

const ROOT = { root: true } as const

/** What differs, by names. What is gone already and was ours is forgotten, which is a removal too. */
export function deltaOf({ native, aur, state }: Looked): PackagesDelta {
  const difference = native && comparePackages(native.wanted, native.inventory, native.offers)
  return {
    add: [...(difference?.install.map(({ name }) => name) ?? []), ...(aur && differs(aur.diff) ? aur.args.packages : [])],
    change: [
      ...(difference ? [...difference.change.map(({ name }) => name), ...difference.mark] : []),
      ...(native && difference && needsRefresh({ packages: native.wanted, update: native.update, cacheTime: native.cacheTime }, difference, native.index) ? ['package index'] : []),
      ...(native ? repositoriesThatDiffer(native) : []),
      ...(native?.upgrade && differs(native.upgrade.diff) ? ['upgrade'] : []),
    ],
    remove: [...new Set([...(difference?.remove ?? []), ...(native ? [...native.leaving.remove, ...native.leaving.forget, ...goneByHand(native, state)] : []), ...(aur?.former ?? [])])],
    kept: native?.leaving.kept ?? [],
  }
}

function repositoriesThatDiffer({ repositories, index }: LookedNative): string[] {
  const differing = repositories.filter(({ diff }) => differs(diff)).map(({ args }) => `repository ${args.name}`)
  return repositories.length > 0 && index.age === undefined ? [...differing, 'package index'] : differing
}

/** Declared absent, gone, and still remembered. */
function goneByHand({ wanted, inventory }: LookedNative, state: Looked['state']): string[] {
  return wanted.filter(({ name, state: as }) => as === 'absent' && isOwned(state, 'package', plainName(name, inventory))).map(({ name }) => plainName(name, inventory))
}

/** Repositories, then all packages in one operation, then the upgrade. */
export function* stepsOf({ native, aur, state }: Looked): Generator<Op, void, void> {
  if (native) yield* nativeSteps(native, state)
  if (aur) yield* aurSteps(aur)
}

function* nativeSteps(native: LookedNative, state: Looked['state']): Generator<Op, void, void> {
  const { wanted, inventory, offers, leaving, repositories, upgrade, update, cacheTime } = native
  for (const { args } of repositories) yield apt.repository({ ...args, update: false }, ROOT)
  // However old an index may be: one that is older than the repositories is refreshed.
  if (repositories.length > 0) yield apt.update({ cacheTime: Number.MAX_SAFE_INTEGER }, ROOT)
  const difference = comparePackages(wanted, inventory, offers)
  const gone = [...leaving.remove, ...leaving.forget]
  if (wanted.length + gone.length > 0) {
    const fresh = difference.install.map(({ name }) => name)
    const forgotten = [...gone, ...difference.remove, ...goneByHand(native, state)]
    const memory: OperationOptions = { ...(fresh.length > 0 ? own('package', fresh) : {}), ...(forgotten.length > 0 ? disown('package', [...new Set(forgotten)]) : {}) }
    const packages = [...wanted, ...gone.map((name): WantedPackage => ({ name, state: 'absent' }))].map(itemOf)
    yield server.packages({ packages, update, cacheTime }, { ...ROOT, ...memory })
  }
  if (upgrade) yield upgrade.manager === 'apt' ? apt.upgrade(upgrade.args, ROOT) : pacman.upgrade({}, ROOT)
}

function itemOf({ name, state, version }: WantedPackage): AnyPackageItem {
  return version === undefined ? { name, state } : { name, state, version }
}

function* aurSteps({ args, options, diff, former, inventory }: LookedAur): Generator<Op, void, void> {
  if (former.length > 0) yield pacman.aurPackages({ packages: [...former], helper: args.helper, present: false }, { ...options, ...disown('aur', former) })
  if (!differs(diff)) return
  const fresh = args.packages.filter((name) => !inventory.packages.has(name))
  yield pacman.aurPackages(args, { ...options, ...(fresh.length > 0 ? own('aur', fresh) : {}) })
}
