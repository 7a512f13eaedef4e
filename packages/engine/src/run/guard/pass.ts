import { ChaosError } from '@chaos/core'
import type { Part, PartAnswer } from '../../session/contract.ts'
import type { Applying } from '../applying.ts'
import type { OperationRun } from '../operation-run.ts'
import { reportOf } from '../report-error.ts'
import type { Armed } from './arming.ts'
import { askAccess, settleConfirmed } from './ask-access.ts'
import { takeBack } from './take-back.ts'
import type { TakenBack, Undone } from './take-back.ts'
import { titleOf } from './title.ts'

/** Whether the host goes on after a guarded frame. */
export type Passed =
  /** `answers`: to what rode behind the confirmation. */
  | { readonly go: true; readonly answers: readonly PartAnswer[] }
  /** `error`: what becomes of each guarded operation that had begun. */
  | { readonly go: false; readonly state: 'failed' | 'unknown'; readonly error: ChaosError }

/** After a guarded frame: asks over a new connection whether one still gets in, and has taken back what shut us out. */
export async function passGuard(armed: Armed, asked: { riding: readonly Part[]; broken: boolean }, applying: Applying): Promise<Passed> {
  const { host, guard, emit } = applying
  const { watch } = armed
  watch.open = true
  const changes = armed.framed.map(({ run }) => titleOf(run))
  const since = Date.now()
  emit({ type: 'guard', host: host.name, state: 'asking', changes })
  const access = await askAccess(armed, asked, applying)
  if (access.state === 'confirmed') {
    settleConfirmed(armed)
    emit({ type: 'guard', host: host.name, state: 'confirmed', changes, milliseconds: Date.now() - since })
    return { go: true, answers: access.answers }
  }
  if (access.state === 'left') {
    emit({ type: 'guard', host: host.name, state: 'left', changes, reason: access.why, seconds: guard, milliseconds: Date.now() - since })
    // What still runs there is told of as after any loss.
    return access.why === 'interrupted' ? { go: false, state: 'unknown', error: leftError(armed, applying) } : { go: true, answers: [] }
  }
  host.book.forget('everything')
  // What else a connector tells, which keys it tried, is for whoever looks closer.
  const { message, code } = reportOf(access.reason)
  const reason = (message.split('\n')[0] ?? '').replace(/[.:]$/, '')
  const all = watch.guarded.map(({ run }) => titleOf(run))
  emit({ type: 'guard', host: host.name, state: 'undoing', changes: all, reason })
  const undone = await takeBack(armed, { ...asked, late: access.late, since }, applying)
  const { taken, still } = undone
  const milliseconds = Date.now() - since
  if (still !== undefined) {
    emit({ type: 'guard', host: host.name, state: 'lost', changes: all, reason, ...shownTaken(taken), milliseconds })
    host.reachable = false
    host.state = 'unreachable'
    host.lock.keep = 'it cannot be reached'
    return { go: false, state: 'unknown', error: lostError(armed, { reason, code }, undone, applying) }
  }
  emit({ type: 'guard', host: host.name, state: 'undone', changes: all, reason, ...shownTaken(taken), milliseconds })
  return { go: false, state: 'failed', error: undoneError(armed, { reason, code }, undone, applying) }
}

function shownTaken(taken: readonly TakenBack[] | undefined): { taken?: TakenBack[] } {
  return taken === undefined ? {} : { taken: taken.map((each) => ({ ...each })) }
}

interface Why {
  readonly reason: string
  /** Of the error that told it. */
  readonly code: string
}

function undoneError({ framed }: Armed, { reason, code }: Why, { taken, said }: Undone, { host: { name } }: Applying): ChaosError {
  const bad = (taken ?? []).filter(({ done }) => !done).map(({ what }) => what)
  const back = taken === undefined ? 'it is taken back there, and how that went could not be read' : `taken back there: ${taken.filter(({ done }) => done).map(({ what }) => what).join(', ') || 'nothing'}`
  const failing = bad.length === 0 ? '' : `; NOT taken back: ${bad.join(', ')}`
  return new ChaosError('GUARD_UNDONE', {
    message: `After ${framed.map(({ run }) => titleOf(run)).join(' and ')} no new connection to ${name} got in (${reason}), so ${back}${failing}. A new connection gets in again.`,
    hint: bad.length === 0 ? 'Look at what the change does to who connects. Where connecting takes long: --guard SECONDS.' : 'Log in and look: it is neither as before nor as declared.',
    host: name,
    details: { cause: code, ...shownTaken(taken), ...(said === '' ? {} : { stderr: said }) },
  })
}

function lostError({ framed }: Armed, { reason, code }: Why, { taken, still }: Undone, { host: { name }, guard }: Applying): ChaosError {
  const meant = taken === undefined ? `nor after the ${guard} seconds in which it was to take that back itself` : 'nor after it was taken back there'
  return new ChaosError('ACCESS_LOST', {
    message: `${name} lets no new connection in after ${framed.map(({ run }) => titleOf(run)).join(' and ')} (${reason}), ${meant}: ${reportOf(still).message}`,
    hint: 'Use its console. What was there before is kept below /run/chaos for root, below ~/.local/state/chaos/guard for others.',
    host: name,
    details: { cause: code, ...shownTaken(taken) },
  })
}

function leftError({ framed }: Armed, { host: { name }, guard }: Applying): ChaosError {
  return new ChaosError('GUARD_LEFT', {
    message: `Interrupted before a new connection to ${name} confirmed ${framed.map(({ run }) => titleOf(run)).join(' and ')}: it takes that back itself within ${guard} seconds.`,
    hint: 'Apply again after that.',
    host: name,
  })
}

/** What an earlier operation of the run ends with, when it is taken back with a later one. */
export function undoneWith(run: OperationRun, { framed }: Armed, { host: { name } }: Applying): ChaosError {
  return new ChaosError('GUARD_UNDONE', {
    message: `${titleOf(run)} was taken back on ${name} together with ${framed.map((each) => titleOf(each.run)).join(' and ')}.`,
    host: name,
  })
}
