import { ChaosError, isChaosError } from '@chaos/core'
import type { Change } from '@chaos/core'
import type { Leaving } from '../session/index.ts'
import type { Applying } from './applying.ts'
import { keepChanged } from './changed.ts'
import { compare } from './compare.ts'
import type { FramedOperation } from './frame.ts'
import { changesOf, isAction, laterOf } from './operation-run.ts'
import type { OperationRun } from './operation-run.ts'
import { reportOf } from './report-error.ts'
import { plannedChange } from './shown.ts'

/** Seconds that what still runs on the host is waited for, when neither its operation nor the run says how long it may take. */
const PATIENCE = 60

/**
 * The connection was lost in the midst of a frame. `cut` are the operations that did not answer, in order: one of them was under way,
 * those behind it may have been begun. Connects again, lets nothing of the lost connection begin any more, waits for what has begun,
 * looks, and tells of each what is seen. Only what is proven to be as it was before goes back to wait for its turn.
 */
export async function lookAfterLoss(cut: readonly FramedOperation[], why: string, applying: Applying): Promise<void> {
  const { host, progress, emit, timeout } = applying
  const [first] = cut
  if (first === undefined) return
  host.book.forget('everything')
  emit({ type: 'warning', host: host.name, code: 'CONNECTION_LOST', message: `${host.name} was lost while ${titleOf(first.run)} ran (${why}); connecting again to look.` })
  let found: { rebooted: boolean; left: Leaving }
  try {
    found = await host.comeBack(first.run.as, first.run.op.options.timeout ?? timeout ?? PATIENCE)
  } catch (error) {
    for (const { run } of cut) unknown(run, { ...whatHappened(error), why }, applying)
    host.lock.keep = host.reachable ? 'nobody knows what still runs there' : 'it cannot be reached'
    return
  }
  if (found.rebooted) {
    host.lock.taken = false
    emit({ type: 'warning', host: host.name, code: 'HOST_REBOOTED', message: `${host.name} has been started anew since the run began.` })
  }
  if (found.left === 'running') host.lock.keep = 'something of it still runs there'
  await Promise.all(cut.filter(({ run }) => !isAction(run)).map(({ run }) => compare(host.base, run)))
  for (const [index, each] of cut.entries()) {
    const { run, changes } = each
    const running = index === 0 && found.left === 'running'
    if (isDone(run) && !running) {
      if (await remembered(each, applying)) {
        run.reason = 'the connection was lost in the middle; looked at again: done'
        emit({ type: 'warning', host: host.name, code: 'OUTCOME_OBSERVED', message: `${titleOf(run)} on ${host.name} was cut off; looked at again, it is done.` })
        keepChanged(run, changes, applying)
      } else unknown(run, { what: 'it is done, and what its role must remember of it could not be written', hint: APPLY_AGAIN, why }, applying)
    } else if (index > 0 && found.left === 'ended' && isAsBefore(run, changes)) {
      progress.notBegun(run)
    } else unknown(run, { ...seen(run, found, running), why }, applying)
  }
  if (found.left === 'unproven' && host.state === 'unknown') host.lock.keep = 'nobody knows what still runs there'
}

interface Seen {
  readonly what: string
  readonly hint: string
  readonly why: string
  readonly code?: string
  readonly changes?: readonly Change[]
}

const APPLY_AGAIN = 'Nothing was repeated. Apply again: chaos looks first.'

function unknown(run: OperationRun, { what, hint, why, code, changes = [] }: Seen, { host, progress }: Applying): void {
  host.state = 'unknown'
  const error = new ChaosError('OUTCOME_UNKNOWN', {
    message: `${host.name} was lost while ${titleOf(run)} ran (${why}): ${what}.`,
    hint,
    host: host.name,
    details: { ...(code === undefined ? {} : { cause: code }), ...(changes.length === 0 ? {} : { difference: changes.map(plannedChange) }) },
  })
  host.error ??= error
  progress.unknown(run, error)
}

/** What is told of a host that could not be looked at. */
function whatHappened(error: unknown): Omit<Seen, 'why'> {
  const { code, message, hint } = reportOf(error)
  return { what: `it could not be looked at again, ${message.replace(/\.$/, '')}`, hint: isChaosError(error) && hint !== undefined ? hint : 'When the host is there again, apply again: chaos looks first.', code }
}

function seen(run: OperationRun, { rebooted, left }: { rebooted: boolean; left: Leaving }, running: boolean): Omit<Seen, 'why'> {
  const boot = rebooted ? 'the host has been started anew meanwhile, and ' : ''
  if (running) return { what: `${boot}it still runs there`, hint: 'Wait for its end, or end it there; then apply again: chaos looks first.' }
  if (isAction(run)) return { what: `${boot}how it ended cannot be looked at`, hint: 'Look at the host, then apply again.' }
  if (run.error !== undefined) return { ...whatHappened(run.error), hint: APPLY_AGAIN }
  const changes = changesOf(run.diff)
  const still = laterOf(run.diff) ?? changes.map(({ summary }) => summary).join('; ')
  const doubt = left === 'unproven' ? ', and whether something of it still runs there cannot be told' : ''
  return { what: `${boot}looked at again, it is not as it should be (${still})${doubt}`, hint: APPLY_AGAIN, changes }
}

function isDone(run: OperationRun): boolean {
  return !isAction(run) && run.error === undefined && laterOf(run.diff) === undefined && changesOf(run.diff).length === 0
}

/** The same changes as those that were sent: nothing of them has happened. */
function isAsBefore(run: OperationRun, sent: readonly Change[]): boolean {
  if (isAction(run) || run.error !== undefined || laterOf(run.diff) !== undefined) return false
  return JSON.stringify(changesOf(run.diff).map(plannedChange)) === JSON.stringify(sent.map(plannedChange))
}

/** The role's memory is the last step of an operation, and nobody knows whether it was reached. It is written whole, so writing it again is harmless. */
async function remembered({ run }: FramedOperation, { host }: Applying): Promise<boolean> {
  const part = host.base.states.write(run.role, run.op.options)
  if (!part) return true
  try {
    const [[answer] = []] = await host.exchange([{ as: run.as, parts: [part] }])
    return answer?.state === 'done' && answer.code === 0
  } catch {
    return false
  }
}

function titleOf({ op }: OperationRun): string {
  return `${op.definition.name} ${op.title}`.trim()
}
