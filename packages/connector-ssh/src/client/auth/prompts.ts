import { secret } from '@chaos/core'
import type { PluginContext, Secret } from '@chaos/core'
import type { Prompt } from 'ssh2'
import type { Place } from '../errors.ts'
import type { Asking } from './identities.ts'

export interface PromptsOptions {
  readonly place: Place
  readonly instructions: string
  readonly prompts: readonly Prompt[]
  /** Undefined = there is none, or it was given already. */
  readonly password: Secret | undefined
  readonly asking: Asking
  readonly context: PluginContext
}

export interface Answers {
  readonly texts: readonly (string | Secret)[]
  readonly usedPassword: boolean
  /** The first prompt that nobody answered. */
  readonly unanswered: string | undefined
}

/** A one-time code, which the password is no answer to. */
const OTHER = /\b(code|token|otp|one-time|verification|factor|pin)\b/i
const LONGEST = 500

/** Answers what a server asks: a single hidden prompt by the password, anything else by the user. */
export async function answerPrompts({ place, instructions, prompts, password, asking, context }: PromptsOptions): Promise<Answers> {
  const [first] = prompts
  if (password !== undefined && first !== undefined && prompts.length === 1 && first.echo !== true && (/pass/i.test(first.prompt) || !OTHER.test(first.prompt))) {
    return { texts: [password], usedPassword: true, unanswered: undefined }
  }
  const texts: (string | Secret)[] = []
  for (const { prompt, echo } of prompts) {
    const question = shown([instructions, prompt].filter(Boolean).join(' '))
    const answer = await ask(`${question} (${place.settings.name} asks ${place.settings.user})`, echo !== true, place, asking, context)
    if (answer === undefined) return { texts: prompts.map(() => ''), usedPassword: false, unanswered: question }
    texts.push(answer)
  }
  return { texts, usedPassword: false, unanswered: undefined }
}

async function ask(text: string, hidden: boolean, { settings }: Place, asking: Asking, context: PluginContext): Promise<string | Secret | undefined> {
  const question = (): Promise<string | Secret> => asking(() => context.prompt({ text, secret: hidden }))
  try {
    if (!hidden || OTHER.test(text)) return await question()
    // Further connections to the same host are asked the same; a code would not be valid twice.
    return await context.cache(`ssh:answer:${JSON.stringify([settings.user, settings.hostname, settings.port, text])}`, async () => {
      const answer = await question()
      return typeof answer === 'string' ? secret(answer) : answer
    })
  } catch {
    return undefined
  }
}

/** A server's text on the user's terminal: no control characters, and not without end. */
function shown(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim().slice(0, LONGEST)
}
