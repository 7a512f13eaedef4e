import { ChaosError } from '@chaos/core'
import { failed } from './applying.ts'
import type { Applying } from './applying.ts'
import { compare } from './compare.ts'
import { fetchFile } from './fetch.ts'
import { frameOperation, outcomeOf } from './frame.ts'
import type { FramedOperation, FrameOutcome } from './frame.ts'
import { changesOf, isAction, laterOf, touchesOf } from './operation-run.ts'
import type { OperationRun } from './operation-run.ts'

/** Ends an operation of a frame by how it went. */
export async function endOperation(each: FramedOperation, outcome: FrameOutcome, applying: Applying, first = true): Promise<void> {
  const { host, progress } = applying
  const { run, changes } = each
  if (outcome.state === 'changed') {
    try {
      for (const { fetch } of each.fetches) await fetchFile(fetch, host.session(), run.as, host.name)
    } catch (error) {
      return failed(run, error, applying)
    }
    host.base.states.keep(run.role, run.op.options)
    const touches = touchesOf(run)
    const links = touches === 'everything' ? [] : touches
    for (const one of links) if (one.kind === 'path' && one.target !== undefined) host.book.links.set(one.path, one.target)
    run.done = changes
    return progress.changed(run)
  }
  if (outcome.state === 'failed') {
    if (await again(run, applying)) return
    return failed(run, outcome.error, applying, outcome.change)
  }
  if (outcome.state === 'unknown') await lookAtUnknown(run, outcome.reason, changes, applying, first)
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

/** The connection was lost in mid-change: the host is looked at, and nothing is repeated blindly. */
async function lookAtUnknown(run: OperationRun, why: string, changes: OperationRun['done'], applying: Applying, first: boolean): Promise<void> {
  const { host, progress } = applying
  const what = `${run.op.definition.name} ${run.op.title}`.trim()
  host.book.forget('everything')
  if (!isAction(run)) {
    await compare(host.base, run)
    if (run.error === undefined && laterOf(run.diff) === undefined && changesOf(run.diff).length === 0) {
      run.done = changes
      applying.emit({ type: 'warning', host: host.name, code: 'OUTCOME_OBSERVED', message: `${host.name} was lost while ${what} ran (${why}); looked at again, it is done.` })
      return progress.changed(run)
    }
  }
  // What stood behind the one that was cut off, and is as it was, had not begun: it runs at its turn, and not blindly.
  if (!first && !isAction(run) && run.error === undefined) return progress.notBegun(run)
  host.state = 'unknown'
  const error = new ChaosError('OUTCOME_UNKNOWN', {
    message: `${host.name} was lost while ${what} ran: ${why}. How it ended is not known.`,
    hint: isAction(run) ? 'Look at the host, then apply again.' : 'Looked at again it is not as it should be; nothing was repeated. Apply again.',
    host: host.name,
  })
  host.error = error
  progress.unknown(run, error)
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
