import { ChaosError } from '@chaos/core'
import { elevationKey } from '../session/index.ts'
import { failed, roleOf } from './applying.ts'
import type { ApplyContext, Applying } from './applying.ts'
import { compare, isFresh } from './compare.ts'
import { condition } from './conditions.ts'
import { isRisky } from './guard/risk.ts'
import type { HostRun } from './host-state.ts'
import { changesOf, laterOf, mayFail, touchesOf } from './operation-run.ts'
import type { OperationRun, RoleRun } from './operation-run.ts'
import { planRole } from './plan-role.ts'
import { createProgress } from './progress.ts'
import { createRemovals } from './removals.ts'
import { sendFrame } from './send-frame.ts'
import { meets } from './touches.ts'

/**
 * Makes the plan true, in written order. Operations that do not touch what the others look at travel in one
 * frame; before each of them its comparison must still hold. Ends the host at the first failure that nobody waits for.
 */
export async function applyHost(host: HostRun, context: ApplyContext): Promise<void> {
  const applying: Applying = { ...context, host, progress: createProgress(host.name, context.emit), removals: createRemovals(host, context) }
  for (const role of host.roles) {
    if (role.skipped !== undefined) continue
    await prepareRole(role, applying)
    if (host.error !== undefined) return
    while (role.operations.some(({ state }) => state === undefined)) {
      const frame = await nextFrame(role, applying)
      if (host.error !== undefined || context.signal.aborted) return
      if (frame.length > 0) await sendFrame(frame, applying)
      if (host.error !== undefined) return
    }
  }
}

/** A role whose context was touched by what ran before it is drawn again at its turn. */
async function prepareRole(role: RoleRun, { host, run }: Applying): Promise<void> {
  // It may have begun in the frame of the role before it; what it touched there itself is no reason to draw it again.
  const begun = role.operations.some(({ state }) => state !== undefined)
  if (begun || role.asked.every((asked) => host.book.current(asked))) return
  await planRole(host, role, run)
  if (role.error !== undefined) host.error = role.error
}

/** The operations that may travel together, from the first that has not ended. Those with nothing to do end here. */
async function nextFrame(first: RoleRun, applying: Applying): Promise<OperationRun[]> {
  const { host, progress, removals, signal } = applying
  const frame: OperationRun[] = []
  for (const run of upcoming(first, applying, frame)) {
    if (signal.aborted) return []
    const { operations } = roleOf(host, run)
    const verdict = condition(run, operations)
    if (verdict === 'wait') break
    if (typeof verdict === 'object') {
      progress.skip(run, verdict.skip)
      continue
    }
    if (!holds(run, frame, host)) {
      if (frame.length > 0) break
      await compareAgain(run, operations, applying)
    }
    if (run.error !== undefined) {
      if (frame.length > 0) break
      failed(run, run.error, applying)
      if (host.error !== undefined) return []
      continue
    }
    if (laterOf(run.diff) !== undefined) {
      if (frame.length > 0) break
      await compareAgain(run, operations, applying)
      const later = laterOf(run.diff)
      if (later !== undefined) failed(run, stillLater(run, later, host.name), applying)
      if (host.error !== undefined) return []
      if (later !== undefined) continue
    }
    if (changesOf(run.diff).length === 0) {
      progress.same(run)
      continue
    }
    if (removals.beyondPlan(run)) {
      if (frame.length > 0) break
      if (!(await removals.allowed(run))) failed(run, removals.refusal(run), applying)
      if (host.error !== undefined) return []
      if (run.state !== undefined) continue
    }
    const alone = changesOf(run.diff).some((change) => change.do.some((step) => 'fetch' in step))
    const [before] = frame
    // What may cut us off ends its frame: nothing follows it until a new connection has confirmed it.
    const unguarded = applying.guard > 0 && frame.some(isGuarded) && !isGuarded(run)
    if (before && (alone || unguarded || elevationKey(before.as) !== elevationKey(run.as))) break
    frame.push(run)
    const { options } = run.op
    if (alone || mayFail(run, operations) || (options.retries ?? 0) > 0) break
  }
  return frame
}

/** What has not ended, on through the roles whose context still holds. */
function* upcoming(first: RoleRun, { host }: Applying, frame: readonly OperationRun[]): Generator<OperationRun> {
  for (const role of host.roles.slice(host.roles.indexOf(first))) {
    if (role.skipped !== undefined) continue
    if (role !== first) {
      const touched = frame.map(touchesOf)
      const holds = role.asked.every((asked) => host.book.current(asked) && !touched.some((reach) => meets(reach, asked.reads, host.book.links)))
      if (!holds || role.error !== undefined) return
    }
    for (const run of role.operations) if (run.state === undefined) yield run
  }
}

/** Whether the comparison of an operation is still true when the frame before it has run. */
function holds(run: OperationRun, frame: readonly OperationRun[], { base, book }: HostRun): boolean {
  if (!isFresh(base, run)) return false
  return !frame.some((other) => run.asked.some(({ reads }) => meets(touchesOf(other), reads, book.links)))
}

/** Looks again for this operation, and in the same exchange for those after it that must look again too. */
async function compareAgain(run: OperationRun, operations: readonly OperationRun[], { host }: Applying): Promise<void> {
  const stale = operations.filter((other) => other.state === undefined && (other === run || !isFresh(host.base, other)))
  await Promise.all(stale.map((other) => compare(host.base, other)))
}

function isGuarded({ diff }: OperationRun): boolean {
  return changesOf(diff).some(isRisky)
}

function stillLater(run: OperationRun, later: string, host: string): ChaosError {
  return new ChaosError('STILL_LATER', {
    message: `${run.op.definition.name} ${run.op.title} cannot be compared on ${host}: ${later}.`,
    hint: 'What it waits for has to be made by an operation before it: put the keys of the role that makes it further up in the Ch-obolo.',
    host,
  })
}
