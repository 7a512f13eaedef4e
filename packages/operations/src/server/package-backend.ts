import type { Diff, Fact, Host } from '@chaos/core'

/** A package as a host has it. */
export interface InstalledPackage {
  /** As it is declared: plain, and with its architecture where that is not the host's own (`libc6:i386`). */
  readonly name: string
  readonly version: string
  /** Somebody asked for it; otherwise it came along as a dependency. */
  readonly explicit: boolean
  /** It is kept at its version on purpose: never changed or removed without being told so. */
  readonly held: boolean
  /** It belongs to the base of the distribution, so that who looks for what could go leaves it. Default false. */
  readonly base?: boolean
}

/** What is installed, whole and configured. What is half there is not in it, so that it is installed again. */
export interface Inventory {
  readonly packages: ReadonlyMap<string, InstalledPackage>
  /** What else installed packages are, by that name: virtual packages, capabilities, groups that are complete. */
  readonly provided: ReadonlyMap<string, readonly string[]>
  /** An installation that was cut off, and must be mended before anything else. */
  readonly interrupted: boolean
  /** The end of a name that may be left out, because it is the host's own architecture: `:amd64`. Not given = names have no such end. */
  readonly native?: string
}

/** The list of what is on offer, as the host has it. */
export interface PackageIndex {
  /** Seconds since it was refreshed; undefined = there is none, or it is older than the repositories it should tell of. */
  readonly age: number | undefined
}

/** One package as it should be. */
export interface WantedPackage {
  readonly name: string
  /** Exactly this one; with `present` alone. */
  readonly version?: string | undefined
  readonly state: 'present' | 'latest' | 'absent'
}

/** What the whole of the packages is to be, in any package manager's terms. */
export interface WantedPackages {
  readonly packages: readonly WantedPackage[]
  /** Refreshes the index first, when something is to be installed or `latest` and it is older than `cacheTime`. */
  readonly update: boolean
  /** Seconds for which an index is new enough. */
  readonly cacheTime: number
}

/** One thing that an installed package needs: any one of these installed packages is enough. */
export interface Requirement {
  readonly by: string
  readonly anyOf: readonly string[]
  /** It is better with it, and does without: a recommendation. Default false. */
  readonly soft?: boolean
}

/**
 * One package manager. `server.packages` and the role `packages` know nothing else of it: another one joins as a file
 * that implements this, and a line in `package-backends.ts`.
 *
 * What `diff` must keep to:
 * - It asks `inventory()` (and `offer` for each `latest`, and `index()` with `update`) in one `Promise.all`, and more only when there is a difference; what differs
 *   is what `package-difference.ts` says, because the role decides by it whether there is anything to do.
 * - All that is installed is one command and one Change, all that is removed is another one. Removals name in `removes` everything
 *   that goes, dependants too (`kind: 'package'`, `of` = how many explicit ones there are). A command never takes more than the plan.
 * - What is only there as a dependency and declared is marked as explicit.
 * - A name that no index knows is `unknownPackage` (an error; where an earlier operation of the run still changes the index the engine makes
 *   it "known after apply", provided that what was asked `reads` the touch `named('package-index')`).
 * - No question writes anything on the host, not even a cache.
 * - It waits for a lock that another process holds, bounded.
 */
export interface PackageBackend {
  /** What it is called in `names per manager`: `{ name: 'httpd', apt: 'apache2' }`. */
  readonly id: PackageManager
  /** Its program, as `host.os.packageManagers` has it. */
  readonly program: string
  /** Why this is no name of a package there; undefined when it is one. */
  readonly wrongName: (name: string) => string | undefined
  /** Everything that is installed. Reads `touch.named('package')`. */
  readonly inventory: () => Fact<Inventory>
  /** The version that would be installed now; `undefined` = none is offered. Reads `touch.named('package-index')`. */
  readonly offer: (name: string) => Fact<string | undefined>
  /** When the index was refreshed last, and whether it still fits the repositories that are configured. Reads `touch.named('package-index')`. */
  readonly index: () => Fact<PackageIndex>
  /** What the installed packages need of each other. Asked only when a role looks for what it may remove. */
  readonly requirements: () => Fact<readonly Requirement[]>
  /** The difference of `server.packages`. */
  readonly diff: (wanted: WantedPackages, host: Host) => Promise<Diff>
}

/** The package managers whose names of packages can be told apart in one list. */
export type PackageManager = 'apt' | 'pacman'
