import type { Change, Elevation } from '@chaos/core'
import type { OperationRun } from '../operation-run.ts'

/** A path as it was before a change: with all below it, or the entry alone. */
export interface Kept {
  readonly path: string
  readonly whole: boolean
}

/** A path that is kept in the guard's folder, under a number of its own. */
export interface Entry extends Kept {
  readonly number: number
}

/** An operation whose changes are guarded. */
export interface Guarded {
  readonly run: OperationRun
  readonly changes: readonly Change[]
}

/** The guard of those changes on a host that one user makes. */
export interface Watch {
  readonly as: Elevation
  /** Name of its folder, there. */
  readonly name: string
  /** How often it was armed: each time has a watcher of its own. */
  armed: number
  /** Oldest first. All of them are restored, also those of frames that were confirmed: a restart may show only now what a file says. */
  entries: readonly Entry[]
  guarded: readonly Guarded[]
  /** A watcher may still take it back: the folder is not to be removed. */
  open: boolean
}

/** The guards of a host, by who makes the changes. */
export type Watches = Map<string, Watch>
