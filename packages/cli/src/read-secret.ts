import { ChaosError, isChaosError, isSecret, revealSecret } from '@chaos/core'
import type { PluginContext, Provider, ProviderContext, Secret } from '@chaos/core'
import type { Redactor } from '@chaos/engine'
import { atOnce } from './at-once.ts'
import { kindOf } from './provider-config.ts'

/** Seconds that a provider may take for one secret. */
const LIMIT = 120
/** Milliseconds. */
const TICK = 100

export interface ReadOptions {
  readonly name: string
  readonly reference: string
  readonly provider: Provider
  /** What it is given, with a signal of its own. */
  readonly context: (until: AbortSignal) => ProviderContext
  readonly questions: Questions
  readonly redactor: Redactor
  /** Seconds. Default 120. */
  readonly limit?: number | undefined
}

/** One secret of a provider, whatever the provider does: hangs, breaks, or gives something else. Throws SECRET_…, INTERRUPTED, and what the provider says. */
export async function readSecret({ name, reference, provider, context, questions, redactor, limit = LIMIT }: ReadOptions): Promise<Secret> {
  const value: unknown = await atOnce(`${name} was asked for ${reference}`, async (signal, stop) => {
    let left = limit * 1000
    // By ticks, because the time in which a person thinks does not count, whoever asked.
    const ticking = setInterval(() => {
      if (!questions.open() && (left -= TICK) <= 0) stop(tooSlow(name, reference, limit))
    }, TICK)
    try {
      const given = context(signal)
      return await provider.read(reference, { ...given, prompt: questions.asking(given.prompt) })
    } finally {
      clearInterval(ticking)
    }
  }).catch((error: unknown) => {
    throw notRead(name, reference, error, redactor)
  })
  if (!isSecret(value)) {
    if (typeof value === 'string') redactor.add(value)
    throw new ChaosError('SECRET_NOT_SECRET', {
      message: `The provider ${name} gave ${value === undefined || value === null ? 'nothing' : Array.isArray(value) ? 'a list' : `a ${typeof value}`} for ${reference}, which is no Secret.`,
      hint: 'This is a mistake in the provider: what it reads is made a Secret by secret(text).',
    })
  }
  const text = revealSecret(value)
  if (text === '') {
    throw new ChaosError('SECRET_EMPTY', { message: `The provider ${name} gave an empty secret for ${reference}.`, hint: 'That is nearly always a mistake. Look what it holds there, or write "" where nothing is meant.' })
  }
  redactor.add(text)
  return value
}

/** Questions of providers that read side by side: one after the other. */
export interface Questions {
  open(): boolean
  asking(prompt: PluginContext['prompt']): PluginContext['prompt']
}

export function makeQuestions(): Questions {
  let open = 0
  let last: Promise<unknown> = Promise.resolve()
  return {
    open: () => open > 0,
    asking: (prompt) => async (question) => {
      open++
      const answer = last.then(() => prompt(question)).finally(() => open--)
      last = answer.catch(() => undefined)
      return answer
    },
  }
}

function tooSlow(name: string, reference: string, limit: number): ChaosError {
  return new ChaosError('SECRET_TIMEOUT', {
    message: `The provider ${name} did not give ${reference} within ${limit} seconds, and was given up.`,
    hint: 'Look what it waits for: chaos check providers --status. Where it needs longer, write secret_timeout: SECONDS in the config.',
  })
}

/** What a provider throws may hold anything: of a stranger's error only the kind is told, and of ours no secret that is known. */
function notRead(name: string, reference: string, cause: unknown, redactor: Redactor): ChaosError {
  if (isChaosError(cause)) {
    const { code, message, hint, details } = redactor.redactEvent({ code: cause.code, message: cause.message, hint: cause.hint, details: cause.details })
    return new ChaosError(code, { message, ...(hint !== undefined && { hint }), ...(details && { details }) })
  }
  return new ChaosError('SECRET_NOT_READ', {
    message: `The provider ${name} could not read ${reference}: it failed with ${kindOf(cause)}.`,
    hint: '`chaos check providers --status` asks whether it can be used.',
  })
}
