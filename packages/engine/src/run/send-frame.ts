import { ChaosError } from '@chaos/core'
import type { PartAnswer, Request } from '../session/contract.ts'
import { failed } from './applying.ts'
import type { Applying } from './applying.ts'
import type { Asked, Outgoing } from './fact-book.ts'
import { frameOperation, outcomeOf } from './frame.ts'
import type { FramedOperation } from './frame.ts'
import { armFor } from './guard/arming.ts'
import type { Armed } from './guard/arming.ts'
import { notArmed, passFrame } from './guard/pass-frame.ts'
import type { Framed } from './guard/pass-frame.ts'
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
  const asking = questions.requests[0]?.parts ?? []
  const armed = armFor(framed, applying)
  const locking = host.lock.taken ? [] : [takeLock(owner, host.name, host.opening.lockFolder)]
  const request: Request = {
    as,
    stopAtFailure: true,
    signal: kill,
    stop: signal,
    parts: [
      ...locking.map((command) => ({ kind: 'command', command, trusted: true }) as const),
      ...(armed ? [armed.part] : []),
      ...framed.flatMap(({ parts }) => parts),
      // Of a guarded frame they ride with the confirmation: its time runs once the frame has ended.
      ...(armed ? [] : asking),
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
  if (armed && !isArmed(answers[locking.length], armed, framed, applying)) return questions.settle([])
  let at = locking.length + (armed ? 1 : 0)
  const ended = framed.map((each): Framed => {
    const mine = answers.slice(at, at + each.parts.length)
    at += each.parts.length
    progress.output(each, mine, applying.redact)
    return { each, answers: mine, outcome: outcomeOf(each, mine, applying) }
  })
  const passed = armed ? await passFrame(armed, ended, asking, applying) : { ended, answers: answers.slice(at) }
  const cut: FramedOperation[] = []
  let why = ''
  for (const { each, outcome } of passed.ended) {
    if (outcome.state === 'unknown') {
      why ||= outcome.reason
      cut.push(each)
    } else if (outcome.state === 'not begun') progress.notBegun(each.run)
    else if (host.error === undefined || outcome.state === 'refused') await endOperation(each, outcome, applying)
  }
  questions.settle([passed.answers])
  await lookAfterLoss(cut, why.replace(/\.+$/, ''), applying)
}

/** False = what is behind the arming has not begun. */
function isArmed(answer: PartAnswer | undefined, armed: Armed, framed: readonly FramedOperation[], applying: Applying): boolean {
  const refusal = notArmed(answer, applying)
  if (refusal === undefined && answer?.state !== 'skipped' && answer?.state !== 'ended') return true
  const [first] = armed.framed
  for (const each of framed) if (each !== first || refusal === undefined) applying.progress.notBegun(each.run)
  if (refusal !== undefined && first !== undefined) failed(first.run, refusal, applying)
  return false
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
