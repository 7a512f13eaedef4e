import { isSecret, revealSecret } from '@chaos/core'
import type { ChaosError, PluginContext, Secret } from '@chaos/core'
import type { AnyAuthMethod, BaseAgent, IdentityCallback, ParsedKey, Prompt, SignCallback } from 'ssh2'
import type { Place } from '../errors.ts'
import { identitiesOf } from './identities.ts'
import type { Asking, Identities, Identity, PassedOver } from './identities.ts'
import { answerPrompts } from './prompts.ts'
import { authenticationFailed } from './refused.ts'

/** A server ends the connection at its sixth refusal (MaxAuthTries); a password at hand must have its turn before. */
const KEYS_BEFORE_PASSWORD = 4

/** The way a login takes. One per connection. */
export interface Authentication {
  /** What is tried next; false = nothing is left. `methods` and `partial` are the server's last answer, null before the first one. */
  next(methods: readonly string[] | null, partial: boolean | null): Promise<AnyAuthMethod | false>
  /** Why nobody was let in. `said` is the server's last word, if it had one. */
  failure(said?: string): ChaosError
}

type Method = 'publickey' | 'password' | 'keyboard-interactive' | 'none'

interface Attempt {
  readonly method: Method
  readonly identity?: Identity
  state: 'open' | 'tried'
}

/** What was tried and what was not, for the error. */
export interface Log {
  methods: readonly string[]
  readonly tried: Identity[]
  readonly passedOver: PassedOver[]
  password: 'none' | 'refused' | 'given'
  unanswered: string | undefined
  forOpenssh: boolean
}

/**
 * Keys first, then the password, then what the server asks by itself. Nothing is tried that the server has said it does not
 * take, except before it has said anything; and a password is sent once.
 */
export function authentication(place: Place, asking: Asking, context: PluginContext): Authentication {
  const { settings } = place
  const log: Log = { methods: [], tried: [], passedOver: [], password: 'none', unanswered: undefined, forOpenssh: false }
  let attempts: Attempt[] | undefined
  let last: Attempt | undefined

  async function plan(): Promise<Attempt[]> {
    const identities: Identities = await identitiesOf(settings, asking, context)
    log.passedOver.push(...identities.passedOver)
    log.forOpenssh = identities.forOpenssh
    const shown = settings.password === undefined ? identities.usable : identities.usable.slice(0, KEYS_BEFORE_PASSWORD)
    for (const { label } of identities.usable.slice(shown.length)) log.passedOver.push({ label, why: 'enough keys were shown before the password' })
    const methods: Attempt[] = shown.map((identity) => ({ method: 'publickey', identity, state: 'open' }))
    if (settings.password !== undefined) methods.push({ method: 'password', state: 'open' })
    // Asks what the server takes, and is let in where that is nothing.
    if (methods.length === 0) methods.push({ method: 'none', state: 'open' })
    return [...methods, { method: 'keyboard-interactive', state: 'open' }]
  }

  function judgeLast(methods: readonly string[], partial: boolean): void {
    if (last === undefined) return
    const { method, identity } = last
    // What is not taken at this stage has not been tried: it may be asked for after another method.
    if (!partial && !methods.includes(method) && method !== 'none' && method !== 'keyboard-interactive') last.state = 'open'
    else if (identity !== undefined && !partial) log.tried.push(identity)
    else if (method === 'password') log.password = partial ? 'given' : 'refused'
  }

  return {
    async next(methods, partial) {
      attempts ??= await plan()
      if (methods !== null) {
        log.methods = methods
        judgeLast(methods, partial === true)
      }
      const taken = (attempt: Attempt): boolean => attempt.state === 'open' && (methods === null ? attempt.method !== 'keyboard-interactive' : methods.includes(attempt.method))
      last = attempts.find((attempt) => taken(attempt) && !(attempt.method === 'keyboard-interactive' && log.password === 'refused'))
      if (last === undefined) return false
      last.state = 'tried'
      return methodOf(last)
    },
    failure: (said) => authenticationFailed(place, log, said),
  }

  async function methodOf({ method, identity }: Attempt): Promise<AnyAuthMethod> {
    const username = settings.user
    if (method === 'publickey' && identity !== undefined) return { type: 'agent', username, agent: await oneKeyAgent(identity) }
    if (method === 'password') return { type: 'password', username, password: revealSecret(settings.password as Secret) }
    if (method === 'none') return { type: 'none', username }
    return { type: 'keyboard-interactive', username, prompt: (_name, instructions, _language, prompts, finish) => void prompted(instructions, prompts, finish) }
  }

  async function prompted(instructions: string, prompts: Prompt[], finish: (answers: string[]) => void): Promise<void> {
    const password = log.password === 'none' ? settings.password : undefined
    const answers = await answerPrompts({ place, instructions, prompts, password, asking, context })
    if (answers.usedPassword) log.password = 'refused'
    if (answers.unanswered !== undefined) log.unanswered = answers.unanswered
    // Without an answer the server is told nothing, which it refuses.
    ended(() => finish(answers.texts.map((text) => (isSecret(text) ? revealSecret(text) : text))))
  }

  /** ssh2 shows a key and signs with it through what it calls an agent: the one way that lets us sign with anything, and when asked. */
  async function oneKeyAgent(identity: Identity): Promise<BaseAgent> {
    const ssh2 = (await import('ssh2')).default
    const parsed: ParsedKey | Error = ssh2.utils.parseKey(identity.blob)
    const unusable = (why: string): void => {
      log.passedOver.push({ label: identity.label, why })
      last = undefined
    }
    return new (class extends ssh2.BaseAgent {
      getIdentities(answer: IdentityCallback): void {
        if (parsed instanceof Error) unusable(parsed.message)
        answer(undefined, parsed instanceof Error ? [] : [parsed])
      }

      sign(_key: unknown, data: Buffer, options: unknown, answer?: SignCallback): void {
        const hash = typeof options === 'object' && options !== null && 'hash' in options ? (options.hash as string | undefined) : undefined
        identity.sign(data, hash, asking).then(
          (signature) => ended(() => answer?.(undefined, signature)),
          (error: unknown) => {
            const why = error instanceof Error ? error.message : String(error)
            unusable(why)
            ended(() => answer?.(new Error(why)))
          },
        )
      }
    })()
  }
}

/** ssh2 throws when it is answered after the connection has ended; that end is told by the connection. */
function ended(answer: () => void): void {
  try {
    answer()
  } catch {
    // Nobody waits for it any more.
  }
}

