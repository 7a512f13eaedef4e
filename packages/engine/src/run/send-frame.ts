import { ChaosError } from '@chaos/core'
import type { PartAnswer, Request } from '../session/contract.ts'
import { failed } from './applying.ts'
import type { Applying } from './applying.ts'
import type { Asked, Outgoing } from './fact-book.ts'
import { frameOperation, outcomeOf } from './frame.ts'
import type { FramedOperation } from './frame.ts'
import { operationsOf } from './host-state.ts'
import { lockError, takeLock } from './lock.ts'
import { changesOf, touchesOf } from './operation-run.ts'
import type { OperationRun } from './operation-run.ts'
import { endOperation } from './end-operation.ts'
import { lookAfterLoss } from './lost.ts'
import { meets } from './touches.ts'
import type { Reach } from './touches.ts'

/** Sends operations as one frame, and ends each of them by its answers. */
export async function sendFrame(frame: readonly OperationRun[], applying: Applying): Promise<void> {
  const { progress } = applying
  const framed: FramedOperation[] = []
  for (const run of frame) {
    try {
      framed.push(await frameOperation(run, applying, framed.map((each) => each.run)))
    } catch (error) {
      // Nothing of this frame has left yet: those before it go first, and it fails at its own turn.
      if (framed.length > 0) break
      progress.begin(run, changesOf(run.diff))
      return failed(run, error, applying)
    }
  }
  await runFramed(framed, applying)
}

async function runFramed(framed: readonly FramedOperation[], applying: Applying): Promise<void> {
  const { host, progress, kill, signal, owner } = applying
  const as = framed[0]?.run.as ?? {}
  const touched = framed.map(({ run }) => touchesOf(run))
  for (const { run, changes } of framed) progress.begin(run, changes)
  for (const reach of touched) host.book.forget(reach)
  const questions = prefetching(framed, touched, applying)
  const locking = host.lock.taken ? [] : [takeLock(owner, host.name, host.opening.lockFolder)]
  const request: Request = {
    as,
    stopAtFailure: true,
    signal: kill,
    stop: signal,
    parts: [
      ...locking.map((command) => ({ kind: 'command', command, trusted: true }) as const),
      ...framed.flatMap(({ parts }) => parts),
      ...(questions.requests[0]?.parts ?? []),
    ],
  }
  let answers
  try {
    answers = (await host.exchange([request]))[0] ?? []
  } catch (error) {
    questions.fail(error)
    if (!host.reachable) host.state = 'unreachable'
    return failed((framed[0] as FramedOperation).run, error, applying)
  }
  if (locking.length > 0) {
    const [answer] = answers
    if (answer?.state === 'skipped' && signal.aborted) {
      for (const { run } of framed) progress.notBegun(run)
      return questions.settle([])
    }
    // Lost before it answered, it may have been taken all the same: to give it back is harmless.
    if (answer?.state === 'unknown' || (answer?.state === 'done' && answer.code === 0)) host.lock = { taken: true, as }
    else {
      questions.settle([])
      return failed((framed[0] as FramedOperation).run, notLocked(answer, host.name), applying)
    }
  }
  let at = locking.length
  const cut: FramedOperation[] = []
  let why = ''
  for (const each of framed) {
    const mine = answers.slice(at, at + each.parts.length)
    at += each.parts.length
    progress.output(each, mine)
    const outcome = outcomeOf(each, mine, host.name)
    if (outcome.state === 'unknown') {
      why ||= outcome.reason
      cut.push(each)
    } else if (outcome.state === 'not begun') progress.notBegun(each.run)
    else if (host.error === undefined) await endOperation(each, outcome, applying)
  }
  questions.settle([answers.slice(at)])
  await lookAfterLoss(cut, why.replace(/\.+$/, ''), applying)
}

function notLocked(answer: PartAnswer | undefined, host: string): ChaosError {
  if (answer?.state === 'done') return lockError(answer.code, Buffer.from(answer.stdout).toString(), Buffer.from(answer.stderr).toString(), host)
  return new ChaosError('INTERRUPTED', { message: `Interrupted before anything was changed on ${host}.`, host })
}

/** What those after the frame must look at again rides with it, where it is the same user who looks. */
function prefetching(framed: readonly FramedOperation[], touched: readonly Reach[], { host }: Applying): Outgoing {
  const inFrame = new Set(framed.map(({ run }) => run))
  const as = framed[0]?.run.as ?? {}
  const stale = (asked: Asked): boolean => touched.some((reach) => meets(reach, asked.reads, host.book.links))
  const waiting = operationsOf(host).filter((run) => run.state === undefined && !inFrame.has(run))
  const roles = host.roles.filter((role) => role.skipped === undefined && role.operations.every((run) => run.state === undefined && !inFrame.has(run)))
  return host.book.prefetch([...roles, ...waiting].flatMap(({ asked }) => asked.filter(stale)), as)
}
