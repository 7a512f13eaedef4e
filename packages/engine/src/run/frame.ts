import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { ChaosError, isSecret } from '@chaos/core'
import type { Change, Content, FileFetch, Secret, Step } from '@chaos/core'
import type { Redactor } from '../events/redactor.ts'
import type { CommandPart, Part, PartAnswer, WritePart } from '../session/contract.ts'
import { isRisky } from './guard/risk.ts'
import { stepError } from './report-error.ts'
import { changesOf } from './operation-run.ts'
import { said } from './said.ts'
import type { OperationRun } from './operation-run.ts'
import type { HostRun } from './host-state.ts'

/** Which part of a frame is which step of which change. */
interface Placed {
  readonly change: number
  readonly step: Step | 'state'
}

/** One operation's parts in a frame. */
export interface FramedOperation {
  readonly run: OperationRun
  readonly changes: readonly Change[]
  readonly parts: readonly Part[]
  readonly placed: readonly Placed[]
  /** What its role remembers of it, where that waits for the confirmation of its changes. */
  readonly memory: WritePart | undefined
  /** Files to bring to the controller once the parts have run. */
  readonly fetches: readonly { change: number; fetch: FileFetch }[]
}

/** Bytes up to which a content is part of its frame. */
const IN_FRAME = 8 * 1024

export interface FrameContext {
  readonly host: HostRun
  /** Seconds a step may take when its operation says nothing. */
  readonly timeout: number | undefined
  /** Whether there is an access guard. */
  readonly guard: number
  /** Makes a secret's text known to the redactor, and gives it. */
  readonly reveal: (value: Secret) => string
}

/** The parts that make an operation's changes true, and after them the memory of its role; `before` is what the frame does first. */
export async function frameOperation(run: OperationRun, { host, timeout, guard, reveal }: FrameContext, before: readonly OperationRun[] = []): Promise<FramedOperation> {
  const { options } = run.op
  const changes = changesOf(run.diff)
  const seconds = options.timeout ?? timeout
  const bounded = seconds === undefined ? {} : { timeout: seconds }
  const parts: Part[] = []
  const placed: Placed[] = []
  const fetches: { change: number; fetch: FileFetch }[] = []
  for (const [change, { do: steps }] of changes.entries()) {
    for (const step of steps) {
      if ('fetch' in step) {
        fetches.push({ change, fetch: step.fetch })
        continue
      }
      parts.push('run' in step ? commandPart(step, bounded, reveal) : await writePart(step, bounded, reveal))
      placed.push({ change, step })
    }
  }
  const state = host.base.states.write(run.role, options, before.filter(({ role }) => role === run.role).map(({ op }) => op.options))
  const waits = guard > 0 && changes.some(isRisky)
  if (state && !waits) {
    parts.push(state)
    placed.push({ change: Math.max(changes.length - 1, 0), step: 'state' })
  }
  // What an operation has begun it brings to its end.
  return { run, changes, parts: parts.map((part, index) => (index === 0 ? part : { ...part, follows: true })), placed, fetches, memory: waits ? state : undefined }
}

function commandPart({ run, stdin, exit }: Extract<Step, { run: unknown }>, bounded: { timeout?: number }, reveal: FrameContext['reveal']): CommandPart {
  // It may be one that was made of another, and the command may print it.
  if (isSecret(stdin)) reveal(stdin)
  return { kind: 'command', command: run, ...(stdin === undefined ? {} : { stdin }), ...(exit === undefined ? {} : { exit }), ...bounded }
}

async function writePart({ write }: Extract<Step, { write: unknown }>, bounded: { timeout?: number }, reveal: FrameContext['reveal']): Promise<WritePart> {
  const { content, ...rest } = write
  return { kind: 'write', ...rest, content: await writeContent(content, reveal), ...bounded }
}

async function writeContent(content: Content | { local: string }, reveal: FrameContext['reveal']): Promise<WritePart['content']> {
  if (typeof content === 'string') return Buffer.from(content)
  if (content instanceof Uint8Array) return content
  if (isSecret(content)) return Buffer.from(reveal(content))
  const { local } = content
  const hash = createHash('sha256')
  let size = 0
  try {
    // A small file travels in the frame, so that a tree of them costs no exchange each.
    if ((await stat(local)).size <= IN_FRAME) return await readFile(local)
    for await (const chunk of createReadStream(local) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      size += chunk.length
    }
  } catch (cause) {
    throw new ChaosError('LOCAL_FILE', { message: `Cannot read ${local} on this machine: ${(cause as NodeJS.ErrnoException).code ?? 'unknown error'}.`, cause })
  }
  return { local, size, sha256: hash.digest('hex') }
}

export type FrameOutcome =
  | { state: 'changed' }
  | { state: 'failed'; change: number; error: unknown }
  | { state: 'unknown'; change: number; reason: string }
  /** What came before it in the frame failed: it did not begin. */
  | { state: 'not begun' }

export interface OutcomeContext {
  readonly host: Pick<HostRun, 'name'>
  readonly redact: Redactor['redact']
}

/** How an operation of a frame ended. */
export function outcomeOf({ run, changes, parts, placed }: FramedOperation, answers: readonly PartAnswer[], { host: { name: host }, redact }: OutcomeContext): FrameOutcome {
  for (const [index, place] of placed.entries()) {
    const answer = answers[index] ?? { state: 'skipped' }
    const { change } = place
    if (answer.state === 'unknown') return { state: 'unknown', change, reason: answer.reason }
    if (answer.state === 'skipped') {
      return index === 0 ? { state: 'not begun' } : { state: 'unknown', change, reason: 'what came after its first step was not run' }
    }
    const { op } = run
    const about = { host, operation: op.definition.name, title: op.title, summary: changes[change]?.summary ?? '' }
    if (answer.state === 'ended') return { state: 'failed', change, error: endedError(answer.why, about) }
    const part = parts[index] as Part
    const good = part.kind === 'command' ? (part.exit ?? [0]) : [0]
    if (good.includes(answer.code)) continue
    const command = part.kind === 'command' ? part.command.text : undefined
    return {
      state: 'failed',
      change,
      error: stepError({ ...about, command, code: answer.code, stdout: said(answer, 'stdout', redact), stderr: said(answer, 'stderr', redact) }),
    }
  }
  return { state: 'changed' }
}

function endedError(why: 'timeout' | 'aborted', { host, operation, title }: { host: string; operation: string; title: string }): ChaosError {
  const what = `${operation} ${title}`.trim()
  return why === 'timeout'
    ? new ChaosError('CHANGE_TIMEOUT', {
        message: `${what} took too long on ${host} and was ended, with all it had started.`,
        hint: 'Give it more time (the option timeout, --timeout), or find out what it waits for.',
        host,
      })
    : new ChaosError('INTERRUPTED', { message: `${what} on ${host} was interrupted and ended.`, host })
}

