import { failed } from './applying.ts'
import type { Applying } from './applying.ts'
import { keepChanged } from './changed.ts'
import { compare } from './compare.ts'
import { fetchFile } from './fetch.ts'
import { frameOperation, outcomeOf } from './frame.ts'
import type { FramedOperation, FrameOutcome } from './frame.ts'
import { lookAfterLoss } from './lost.ts'
import { armFor } from './guard/arming.ts'
import { notArmed, passFrame } from './guard/pass-frame.ts'
import type { Refused } from './guard/pass-frame.ts'
import { laterOf, touchesOf } from './operation-run.ts'
import type { OperationRun } from './operation-run.ts'
import { pause } from './pause.ts'

/** Ends an operation of a frame by how it went. */
export async function endOperation(each: FramedOperation, outcome: FrameOutcome | Refused, applying: Applying): Promise<void> {
  const { host, progress } = applying
  const { run, changes } = each
  if (outcome.state === 'refused') {
    // Whoever waits for a failure of it waits in vain: nothing more runs there.
    host.error ??= outcome.error
    return progress[outcome.ends](run, outcome.error)
  }
  if (outcome.state === 'changed') {
    try {
      for (const { fetch } of each.fetches) await fetchFile(fetch, host.session(), run.as, host.name)
    } catch (error) {
      return failed(run, error, applying)
    }
    return keepChanged(run, changes, applying)
  }
  if (outcome.state === 'failed') {
    if (await again(run, applying)) return
    return failed(run, outcome.error, applying, outcome.change)
  }
  if (outcome.state === 'unknown') await lookAfterLoss([each], outcome.reason, applying)
}

/** Tries an operation again that asked for it, each time after looking at what the last try left. */
async function again(run: OperationRun, applying: Applying): Promise<boolean> {
  const { retries = 0, retryDelay = 1 } = run.op.options
  const { host, signal } = applying
  for (let attempt = 1; attempt <= retries && !signal.aborted; attempt++) {
    applying.emit({ type: 'warning', host: host.name, code: 'RETRY', message: `${run.op.definition.name} ${run.op.title} failed and is tried again (${attempt} of ${retries}).` })
    await pause(retryDelay * 1000, signal)
    if (signal.aborted) return false
    await compare(host.base, run)
    if (run.error !== undefined || laterOf(run.diff) !== undefined) return false
    const each = await frameOperation(run, applying)
    const armed = armFor([each], applying)
    const parts = [...(armed ? [armed.part] : []), ...each.parts]
    const [all = []] = await host.exchange([{ as: run.as, stopAtFailure: true, signal: applying.kill, parts }])
    const refusal = armed && notArmed(all[0], applying)
    if (refusal) throw refusal
    const answers = armed ? all.slice(1) : all
    host.book.forget(touchesOf(run))
    const tried = { each, answers, outcome: outcomeOf(each, answers, applying) }
    const { outcome } = armed ? ((await passFrame(armed, [tried], [], applying)).ended[0] ?? tried) : tried
    if (outcome.state === 'failed') continue
    await endOperation(each, outcome, applying)
    return true
  }
  return false
}
