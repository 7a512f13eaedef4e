import { ChaosError, isChaosError } from '@chaos/core'
import type { Command, Fact, FactOutput } from '@chaos/core'
import type { PartAnswer } from '../session/contract.ts'

export interface Question {
  readonly fact: Fact
  /** Whom the answer is for. */
  readonly entry: unknown
}

/** One command and the questions it answers. */
export interface QuestionGroup {
  readonly command: Command
  readonly questions: readonly Question[]
  readonly together: boolean
}

export type Outcome = { value: unknown } | { error: unknown }

type AnyArgs = readonly unknown[]
interface Many {
  command(calls: readonly AnyArgs[]): Command
  split(stdout: Uint8Array, calls: readonly AnyArgs[]): readonly FactOutput[]
}

/** How many questions share one command at most, so that a command line stays below what a shell takes. */
const TOGETHER = 500

/** Groups questions that one command can answer. */
export function partsOf(questions: readonly Question[]): QuestionGroup[] {
  const groups: QuestionGroup[] = []
  const shared = new Map<unknown, Question[]>()
  for (const question of questions) {
    const { definition, args } = question.fact
    if (definition.many) {
      shared.set(definition, [...(shared.get(definition) ?? []), question])
      continue
    }
    const command = definition.command as unknown as (...args: AnyArgs) => Command
    groups.push({ command: command(...args), questions: [question], together: false })
  }
  for (const asking of shared.values()) {
    for (let start = 0; start < asking.length; start += TOGETHER) {
      const some = asking.slice(start, start + TOGETHER)
      groups.push({ command: manyOf(some).command(callsOf(some)), questions: some, together: true })
    }
  }
  return groups
}

/** The outcome of each question of a group. */
export function answerOf(group: QuestionGroup, answer: PartAnswer, host: string): { entry: unknown; outcome: Outcome }[] {
  const { questions } = group
  const failed = lost(group, answer, host)
  if (failed) return questions.map(({ entry }) => ({ entry, outcome: { error: failed } }))
  const done = answer as Extract<PartAnswer, { state: 'done' }>
  if (!group.together) return questions.map(({ fact, entry }) => ({ entry, outcome: valueOf(fact, { stdout: done.stdout, code: done.code, stderr: text(done.stderr) }, host) }))
  try {
    const outputs = manyOf(questions).split(done.stdout, callsOf(questions))
    return questions.map(({ fact, entry }, index) => {
      const output = outputs[index]
      const outcome = output ? valueOf(fact, output, host) : { error: factError(fact, host, `its command answered nothing for it: ${text(done.stderr) || `exit code ${done.code}`}`) }
      return { entry, outcome }
    })
  } catch (error) {
    const stderr = text(done.stderr).trim()
    // A command that failed says itself why its answer is cut off.
    const why = (fact: Fact): ChaosError => (done.code !== 0 && stderr !== '' ? factError(fact, host, stderr, { exitCode: done.code, stderr }) : asFactError(fact, host, error, stderr))
    return questions.map(({ fact, entry }) => ({ entry, outcome: { error: why(fact) } }))
  }
}

function lost({ questions }: QuestionGroup, answer: PartAnswer, host: string): ChaosError | undefined {
  const names = [...new Set(questions.map(({ fact }) => fact.name))].join(', ')
  if (answer.state === 'ended') {
    return new ChaosError(answer.why === 'timeout' ? 'FACT_TIMEOUT' : 'INTERRUPTED', {
      message: answer.why === 'timeout' ? `Looking at ${host} took too long (${names}).` : `Looking at ${host} was interrupted (${names}).`,
      host,
    })
  }
  if (answer.state === 'unknown') return new ChaosError('CONNECTION_LOST', { message: `The connection to ${host} was lost while ${names} was asked: ${answer.reason}`, host })
  if (answer.state === 'done' && answer.dropped > 0) {
    return new ChaosError('FACT_TOO_LONG', { message: `The answer to ${names} on ${host} is longer than is kept.`, host })
  }
  return undefined
}

function valueOf(fact: Fact, output: FactOutput, host: string): Outcome {
  const { definition, args } = fact
  const code = output.code ?? 0
  const stderr = output.stderr ?? ''
  if (!(definition.exit ?? [0]).includes(code)) return { error: factError(fact, host, stderr.trim() || `its command ended with exit code ${code}`, { exitCode: code, stderr }) }
  const bytes = typeof output.stdout === 'string' ? new TextEncoder().encode(output.stdout) : output.stdout
  const stdout = typeof output.stdout === 'string' ? output.stdout : text(output.stdout)
  try {
    const parse = definition.parse as unknown as (stdout: string, info: { code: number; stderr: string; bytes: Uint8Array }, ...args: AnyArgs) => unknown
    return { value: parse(stdout, { code, stderr, bytes }, ...args) }
  } catch (error) {
    return { error: asFactError(fact, host, error, stderr) }
  }
}

function asFactError(fact: Fact, host: string, error: unknown, stderr: string): ChaosError {
  if (isChaosError(error)) return error
  return factError(fact, host, `its answer could not be read: ${error instanceof Error ? error.message : String(error)}`, { stderr })
}

function factError(fact: Fact, host: string, why: string, details: Record<string, unknown> = {}): ChaosError {
  const about = fact.args.filter((arg) => typeof arg === 'string').join(' ')
  return new ChaosError('FACT_FAILED', { message: `Cannot look at ${host} (${fact.name}${about ? ` ${about}` : ''}): ${why}`, host, details: { fact: fact.name, ...details } })
}

function manyOf(questions: readonly Question[]): Many {
  return questions[0]?.fact.definition.many as unknown as Many
}

function callsOf(questions: readonly Question[]): AnyArgs[] {
  return questions.map(({ fact }) => fact.args)
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
