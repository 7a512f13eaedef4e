import { touch } from '@chaos/core'
import type { Change, Diff, Elevation, Op, Removal } from '@chaos/core'
import type { ErrorReport, StepState } from '../events/events.ts'
import type { Asked } from './fact-book.ts'
import type { Reach } from './touches.ts'
import type { RoleRequest, Slice } from './contract.ts'

/** One operation of one role on one host, from its drawing to its end. */
export interface OperationRun {
  /** `HOST/ROLE/INDEX`. */
  readonly id: string
  readonly role: string
  readonly op: Op
  readonly as: Elevation
  /** What its last comparison asked. */
  asked: Asked[]
  /** What its last comparison found; undefined before the first, and when that failed. */
  diff: Diff | undefined
  /** Why it could not be compared. */
  error: unknown
  /** How it ended. */
  state: StepState | undefined
  reason: string | undefined
  failure: ErrorReport | undefined
  /** The changes that were made. */
  done: readonly Change[]
  milliseconds: number
}

/** One role on one host. */
export interface RoleRun {
  readonly tag: string
  readonly request: RoleRequest
  readonly slice: Slice
  readonly secrets: Readonly<Record<string, unknown>>
  /** What its context and drawing asked. */
  asked: Asked[]
  operations: OperationRun[]
  /** What is left as it is although it is no longer declared. */
  kept: readonly string[]
  error: unknown
  /** Why it does not run there. */
  skipped: string | undefined
}

export function newOperationRun(host: string, role: string, index: number, op: Op, as: Elevation): OperationRun {
  return {
    id: `${host}/${role}/${index}`,
    role, op, as,
    asked: [], diff: undefined, error: undefined, state: undefined, reason: undefined, failure: undefined, done: [], milliseconds: 0,
  }
}

/** What running it touches; `everything` where its author did not say. */
export function touchesOf({ op, diff }: OperationRun): Reach {
  const touches = op.definition.touches as ((args: unknown) => Exclude<Reach, string>) | undefined
  return touches ? [...touches(op.args), ...changesOf(diff).flatMap(({ parents = [] }) => parents.map(touch.entry))] : 'everything'
}

/** What its difference hangs on besides what it manages. */
export function followsOf({ op }: OperationRun): Reach {
  const follows = op.definition.follows as ((args: unknown) => Exclude<Reach, string>) | undefined
  return follows ? follows(op.args) : []
}

export function isAction({ op }: OperationRun): boolean {
  const { action } = op.definition as { action?: boolean | ((args: unknown) => boolean) }
  return typeof action === 'function' ? action(op.args) : action === true
}

/** The changes of a comparison; none while it is not known. */
export function changesOf(diff: Diff | undefined): readonly Change[] {
  return diff !== undefined && !('later' in diff) ? diff : []
}

/** Whether a change takes something away. */
export function takesAway({ removes }: Change): boolean {
  return removes === true || (typeof removes === 'object' && removes.length > 0)
}

/** What a change takes away, where it says so by name. */
export function removalsOf({ removes }: Change): readonly Removal[] {
  return typeof removes === 'object' ? removes : []
}

export function laterOf(diff: Diff | undefined): string | undefined {
  return diff !== undefined && 'later' in diff ? diff.later : undefined
}

/** Another failure does not end the host: it is ignored, or a later operation waits for it. */
export function mayFail(run: OperationRun, all: readonly OperationRun[]): boolean {
  if (run.op.options.ignoreErrors === true) return true
  const { result } = run.op
  return result !== undefined && all.some(({ op }) => listed(op.options.ifFailed).includes(result))
}

export function listed<T>(value: T | readonly T[] | undefined): readonly T[] {
  return value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T]
}
