import type { Secret } from '@chaos/core'
import type { PlannedHost } from '../events/events.ts'
import type { Emit, Redactor } from '../events/index.ts'
import type { HostRun } from './host-state.ts'
import type { LockOwner } from './lock.ts'
import { mayFail } from './operation-run.ts'
import type { OperationRun, RoleRun } from './operation-run.ts'
import type { RunFacts } from './plan-role.ts'
import type { Progress } from './progress.ts'
import type { Removals } from './removals.ts'

export interface ApplyContext {
  readonly run: RunFacts
  readonly emit: Emit
  readonly planned: PlannedHost
  readonly owner: LockOwner
  readonly timeout: number | undefined
  /** Seconds after which a change that may cut us off is taken back; 0 = never. */
  readonly guard: number
  readonly reveal: (value: Secret) => string
  /** Takes secrets out of a text, before a part of it is cut off and with it a part of one. */
  readonly redact: Redactor['redact']
  readonly confirmMore: ((question: { host: string; role: string; summaries: readonly string[] }) => Promise<boolean>) | undefined
  /** Nothing new starts once it fires. */
  readonly signal: AbortSignal
  /** What runs is ended once it fires. */
  readonly kill: AbortSignal
}

/** What the parts of an apply share. */
export interface Applying extends ApplyContext {
  readonly host: HostRun
  readonly progress: Progress
  readonly removals: Removals
}

export function roleOf(host: HostRun, run: OperationRun): RoleRun {
  return host.roles.find(({ operations }) => operations.includes(run)) as RoleRun
}

/** Ends an operation as failed, and its host with it unless somebody waits for that failure. */
export function failed(run: OperationRun, error: unknown, { host, progress }: Applying, change?: number): void {
  progress.failed(run, error, change)
  if (!mayFail(run, roleOf(host, run).operations)) host.error = error
}
