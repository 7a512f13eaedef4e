import { failed } from './applying.ts'
import type { Applying } from './applying.ts'
import { keepChanged } from './changed.ts'
import { compare } from './compare.ts'
import { fetchFile } from './fetch.ts'
import { frameOperation, outcomeOf } from './frame.ts'
import type { FramedOperation, FrameOutcome } from './frame.ts'
import { lookAfterLoss } from './lost.ts'
import { laterOf, touchesOf } from './operation-run.ts'
import type { OperationRun } from './operation-run.ts'

/** Ends an operation of a frame by how it went. */
export async function endOperation(each: FramedOperation, outcome: FrameOutcome, applying: Applying): Promise<void> {
  const { host } = applying
  const { run, changes } = each
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
    const [answers = []] = await host.exchange([{ as: run.as, stopAtFailure: true, signal: applying.kill, parts: each.parts }])
    host.book.forget(touchesOf(run))
    const outcome = outcomeOf(each, answers, host.name)
    if (outcome.state === 'failed') continue
    await endOperation(each, outcome, applying)
    return true
  }
  return false
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
