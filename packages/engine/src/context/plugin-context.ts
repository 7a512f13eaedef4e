import type { PluginContext, Secret } from '@chaos/core'
import { ChaosError, isSecret, revealSecret } from '@chaos/core'
import type { Emit } from '../events/emitter.ts'
import type { Redactor } from '../events/redactor.ts'
import { runProgram } from './run-program.ts'

export interface PluginContextOptions {
  readonly signal: AbortSignal
  /** Told of reports. */
  readonly emit: Emit
  readonly redactor: Redactor
  /** Asks the user. Not given = there is no terminal. */
  readonly prompt?: PluginContext['prompt'] | undefined
}

export interface PluginContexts {
  /**
   * The context for work on a host, whose reports carry its name; without a host, for boats, expansion and providers.
   * `until` ends the work instead of the run's signal.
   */
  of(host?: string, until?: AbortSignal): PluginContext
  /** From now on work has started: nobody is asked any more. */
  workStarted(): void
}

/** What plugins of one run are given. They share the cache. */
export function createPluginContexts({ signal, emit, redactor, prompt }: PluginContextOptions): PluginContexts {
  const cached = new Map<string, Promise<unknown>>()
  let working = false

  function cache<T>(key: string, make: () => Promise<T>): Promise<T> {
    const found = cached.get(key)
    if (found) return found as Promise<T>
    // Started by a promise, so that what throws at once is a rejection too.
    const made = Promise.resolve().then(make)
    cached.set(key, made)
    // What failed may work the next time.
    made.catch(() => cached.get(key) === made && cached.delete(key))
    return made
  }

  async function ask(question: { text: string; secret?: boolean }): Promise<string | Secret> {
    if (working) throw notNow('a plugin asked it after the work had started.', question.text)
    if (!prompt) throw notNow('there is no terminal.', question.text)
    const answer = await prompt(question)
    if (isSecret(answer)) redactor.add(revealSecret(answer))
    return answer
  }

  return {
    of: (host, until = signal) => ({
      run(argv, options = {}) {
        if (isSecret(options.stdin)) redactor.add(revealSecret(options.stdin))
        return runProgram(argv, options, until)
      },
      signal: until,
      cache,
      report: ({ key, value, text }) => emit({ type: 'report', key, value, text, ...(host === undefined ? {} : { host }) }),
      prompt: ask,
    }),
    workStarted() {
      working = true
    },
  }
}

function notNow(why: string, question: string): ChaosError {
  return new ChaosError('NO_TERMINAL', {
    message: `A question cannot be asked, because ${why}`,
    hint: 'Give the answer beforehand, in the Ch-obolo, the config or by a flag.',
    details: { question },
  })
}
