import { ChaosError, isChaosError } from '@chaos/core'
import type { Part, PartAnswer } from '../../session/contract.ts'
import type { Applying } from '../applying.ts'
import type { Armed } from './arming.ts'
import { confirm, NO_GUARD, STILL_RUNS, TOO_LATE } from './commands.ts'
import { isAccounts } from './places.ts'
import { isRisky, onlyWrites } from './risk.ts'
import { pause } from '../pause.ts'

/** Milliseconds between two tries to connect. */
const FIRST_PAUSE = 500
const LAST_PAUSE = 5000
/** Seconds that a command is given to take effect: a reload only tells a service, which lets the next one in as before for a moment. */
const SETTLE = 2
/** Seconds that what runs the frame is waited for, when neither its operations nor the run say how long they may take. */
const PATIENCE = 60

/** Whether one still gets in. */
export type Access =
  /** The timer is ended; the answers to what rode along. */
  | { readonly state: 'confirmed'; readonly answers: readonly PartAnswer[] }
  /** Nobody got in, or `late`: when one did, the host was taking it back already. */
  | { readonly state: 'refused'; readonly reason: unknown; readonly late: boolean }
  /** Nobody asked to the end: it takes it back by itself. */
  | { readonly state: 'left'; readonly why: 'interrupted' | 'it still runs there' }

/**
 * Opens another connection, becomes there who makes the changes, and confirms. As long as that may help it is tried again: a network needs its time to come
 * back. A login that is refused is not, because that locks accounts. `riding` goes behind the confirmation, `broken` says that the old connection is gone.
 */
export async function askAccess({ watch, work, framed }: Armed, { riding, broken }: { riding: readonly Part[]; broken: boolean }, applying: Applying): Promise<Access> {
  const { host, guard, kill } = applying
  const commands = framed.some(({ changes }) => changes.some((change) => isRisky(change) && !onlyWrites(change)))
  if (commands && !broken) await pause(Math.min(SETTLE, guard / 4) * 1000, kill)
  // Where the old connection lives the watcher can be told at once; else nothing is lost by trying until its time is up.
  const until = Date.now() + guard * (broken ? 900 : 500)
  const command = confirm({ name: watch.name, armed: watch.armed, seconds: Math.min(work, PATIENCE) })
  for (let next = FIRST_PAUSE; ; next = Math.min(next * 2, LAST_PAUSE)) {
    let reason: unknown
    try {
      const parts: Part[] = [{ kind: 'command', trusted: true, command }, ...riding]
      const [answer, ...answers] = await host.freshly({ as: watch.as, stopAtFailure: true, signal: kill, parts }, kill)
      const access = answer?.state === 'done' ? accessOf(answer, answers, host.opening.os.bootId) : undefined
      if (access !== undefined) return access
      reason = unanswered(host.name, answer)
    } catch (error) {
      reason = error
    }
    if (kill.aborted) return { state: 'left', why: 'interrupted' }
    if (isRefusal(reason) || Date.now() + next > until) return { state: 'refused', reason, late: false }
    await pause(next, kill)
  }
}

/** What the confirmation answered; undefined = nothing that is understood. */
function accessOf({ code, stdout }: Extract<PartAnswer, { state: 'done' }>, answers: readonly PartAnswer[], bootId: string | undefined): Access | undefined {
  if (code === 0) return { state: 'confirmed', answers }
  if (code === STILL_RUNS) return { state: 'left', why: 'it still runs there' }
  if (code === TOO_LATE) return { state: 'refused', late: true, reason: new ChaosError('GUARD_LATE', { message: 'a new connection came too late' }) }
  if (code !== NO_GUARD) return undefined
  // Started anew it has forgotten the guard, and lets us in as it is now.
  const boot = Buffer.from(stdout).toString().trim()
  if (bootId !== undefined && boot !== '' && boot !== bootId) return { state: 'confirmed', answers }
  return { state: 'refused', late: true, reason: new ChaosError('GUARD_GONE', { message: 'what would take it back is no longer there' }) }
}

/** After a confirmation: what takes effect at once need not be taken back later, when others have changed it too. */
export function settleConfirmed({ watch }: Armed): void {
  watch.open = false
  watch.entries = watch.entries.filter(({ path }) => !isAccounts(path))
}

function isRefusal(error: unknown): boolean {
  return isChaosError(error) && (error.details?.['retry'] === false || error.code.startsWith('ELEVATION_'))
}

function unanswered(host: string, answer: PartAnswer | undefined): ChaosError {
  const why = answer?.state === 'unknown' ? answer.reason : answer?.state === 'done' ? Buffer.from(answer.stderr).toString().trim() || `exit code ${answer.code}` : 'it did not answer'
  return new ChaosError('CONNECTION_LOST', { message: `The new connection to ${host} was of no use: ${why}`, host })
}
