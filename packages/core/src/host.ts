import type { Fact } from './fact.ts'
import type { RemovalKind } from './operation.ts'

/** A machine as a Ch-obolo, a boat or an expanding connector names it: `db1`, `@docker/web`, `@ssh/a/@docker/b`. */
export interface HostReference {
  name: string
  data?: Record<string, unknown>
  groups?: string[]
}

/** Who a command runs as. Nothing given = the login user. */
export interface Elevation {
  /**
   * As root, in whichever way the host's data or `--sudo` say, else through sudo, doas or su, the first that is there.
   * What system roles ask for: nothing where the login user is root.
   */
  root?: boolean
  /** Through sudo, as root. */
  sudo?: boolean
  /** Through sudo, as this user. */
  sudoUser?: string
  /** Through su: `true` = root, else this user. */
  su?: boolean | string
  /** Through doas: `true` = root, else this user. */
  doas?: boolean | string
}

/** What the opening frame tells of a host; the only thing operations dispatch by. */
export interface Os {
  /** `ID` of os-release, lower case: `debian`, `ubuntu`, `arch`; `unknown` where there is none. */
  readonly id: string
  /** `ID_LIKE` of os-release. */
  readonly like: readonly string[]
  /** `VERSION_ID` of os-release, if any. */
  readonly version: string | undefined
  /** `PRETTY_NAME` of os-release. */
  readonly name: string
  /** `uname -s`, lower case: `linux`. */
  readonly kernel: string
  /** `uname -r`. */
  readonly release: string
  /** `uname -m`: `x86_64`, `aarch64`. */
  readonly arch: string
  readonly hostname: string
  /** The login user. */
  readonly user: string
  readonly uid: number
  readonly gid: number
  readonly groups: readonly string[]
  readonly home: string
  /** What manages services. */
  readonly init: 'systemd' | 'openrc' | 'runit' | 'sysv' | 'none'
  /** Package managers found on PATH: `apt-get`, `pacman`, `dnf`, `zypper`, `apk`, … */
  readonly packageManagers: readonly string[]
  /** Programs found on PATH, of those the engine looks for. */
  readonly tools: readonly string[]
  /** What /bin/sh is: `dash`, `bash`, `busybox`, `mksh` or `sh`. */
  readonly shell: string
  /** Kernel boot id; changes with a reboot. */
  readonly bootId: string | undefined
  /** The host's clock, milliseconds since the epoch. */
  readonly time: number
}

/** Files of the controller, read through the host so that batching can wait for them. */
export interface Local {
  /** The Ch-obolo's folder; relative paths start here. */
  readonly directory: string
  /** An absolute path of a path that may be relative to the Ch-obolo or start with `~/`. */
  resolve(path: string): string
  /** The bytes of a file. */
  read(path: string): Promise<Uint8Array>
  /** Runs other work of the controller; the facts of this host wait for it. */
  hold<T>(work: () => T | Promise<T>): Promise<T>
}

/** A small memory of a role on a host: what it added itself. Written by the options `remember` and `forget` of operations. */
export interface RoleState {
  /** By id, with the value that was given to `remember`. */
  readonly items: Readonly<Record<string, unknown>>
}

/** A host as roles, contexts and operations see it. */
export interface Host {
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
  readonly groups: readonly string[]
  readonly os: Os
  readonly local: Local
  /** Looks at the host. Questions asked together travel together; answers are remembered until a change makes them stale. */
  fact<T>(fact: Fact<T>): Promise<T>
  /** The same host as another user: `host.as({ sudo: true }).fact(…)`. */
  as(elevation: Elevation): Host
  /** What the role of this name remembered on the host. Not given = the role that asks. */
  state(role?: string): RoleState
  /**
   * Why a thing is never removed there (root, the connecting user, sshd, the network, init, the kernel, the package manager);
   * undefined when it may be. The engine refuses such a removal; a role that looks for what to remove leaves it out.
   */
  protects(kind: RemovalKind, name: string): string | undefined
}
