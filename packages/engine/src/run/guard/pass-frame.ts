import { ChaosError } from '@chaos/core'
import type { Part, PartAnswer } from '../../session/contract.ts'
import type { Applying } from '../applying.ts'
import type { FramedOperation, FrameOutcome } from '../frame.ts'
import { isAction } from '../operation-run.ts'
import { stepError } from '../report-error.ts'
import type { Armed } from './arming.ts'
import { passGuard, undoneWith } from './pass.ts'

/** An operation of a frame, with what its parts answered and how it ended. */
export interface Framed {
  readonly each: FramedOperation
  readonly answers: readonly PartAnswer[]
  readonly outcome: FrameOutcome | Refused
}

/** No new connection got in after it. */
export interface Refused {
  readonly state: 'refused'
  readonly ends: 'failed' | 'unknown'
  readonly error: ChaosError
}

/** Why the changes behind an arming were not made; undefined = it is armed, or nobody knows. */
export function notArmed(answer: PartAnswer | undefined, { host: { name } }: Applying): ChaosError | undefined {
  if (answer?.state !== 'done' || answer.code === 0) return undefined
  const why = Buffer.from(answer.stderr).toString().trim() || `exit code ${answer.code}`
  return new ChaosError('GUARD_FAILED', {
    message: `Nothing was changed on ${name} that may cut off access, because it could not be made ready to take that back: ${why}`,
    hint: 'Make room for it there (below /run/chaos for root, else in the home), or apply with --guard 0 where you have another way in.',
    host: name,
    details: { stderr: why },
  })
}

/**
 * Asks for access after a guarded frame. What the roles remember of guarded operations, and the questions for those after them, ride with the confirmation:
 * memory of what was taken back would be wrong. Gives how the operations ended after all.
 */
export async function passFrame(armed: Armed, ended: readonly Framed[], questions: readonly Part[], applying: Applying): Promise<{ ended: readonly Framed[]; answers: readonly PartAnswer[] }> {
  const remembering = ended.filter(({ each, outcome }) => each.memory !== undefined && outcome.state === 'changed')
  const memories = remembering.flatMap(({ each }) => each.memory ?? [])
  const broken = ended.some(({ outcome }) => outcome.state === 'unknown')
  const passed = await passGuard(armed, { riding: [...memories, ...questions], broken }, applying)
  if (passed.go) {
    const written = new Map(remembering.map(({ each }, index) => [each, passed.answers[index]]))
    return { answers: passed.answers.slice(memories.length), ended: ended.map((one) => rememberedOr(one, written.get(one.each), applying)) }
  }
  endEarlier(armed, applying)
  const refused: Refused = { state: 'refused', ends: passed.state, error: passed.error }
  const lost = passed.state === 'unknown'
  const isRefused = ({ each, outcome }: Framed): boolean => outcome.state !== 'not begun' && (armed.framed.includes(each) || (lost && outcome.state === 'unknown'))
  return { answers: [], ended: ended.map((one) => (isRefused(one) ? { ...one, outcome: refused } : one)) }
}

/** Operations of frames that were confirmed before, whose paths and commands are taken back too. */
function endEarlier(armed: Armed, applying: Applying): void {
  const now = new Set(armed.framed.map(({ run }) => run))
  for (const { run } of armed.watch.guarded) {
    if (now.has(run) || run.state !== 'changed' || isAction(run)) continue
    applying.progress.failed(run, undoneWith(run, armed, applying))
  }
}

function rememberedOr(one: Framed, answer: PartAnswer | undefined, { host: { name }, redact }: Applying): Framed {
  const { each, outcome } = one
  if (each.memory === undefined || outcome.state !== 'changed' || (answer?.state === 'done' && answer.code === 0)) return one
  const { op } = each.run
  const [code, stderr] = answer?.state === 'done' ? [answer.code, Buffer.from(answer.stderr).toString()] : [1, 'what the role remembers of it was not written']
  const error = stepError({ host: name, operation: op.definition.name, title: op.title, summary: 'remember it', command: undefined, code, stdout: '', stderr: redact(stderr) })
  return { ...one, outcome: { state: 'failed', change: Math.max(each.changes.length - 1, 0), error } }
}
