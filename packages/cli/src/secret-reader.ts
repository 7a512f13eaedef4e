import type { PluginContext, Provider, ProviderContext, Secret } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import type { Redactor } from '@chaos/engine'
import type { Config } from './config.ts'
import { openProvider } from './provider-config.ts'
import { makeQuestions, readSecret } from './read-secret.ts'

/** Reads what `${secret:NAME:REFERENCE}` names. */
export type ReadSecret = (name: string, reference: string) => Promise<Secret>

export interface SecretReaderOptions {
  readonly plugins: Promise<Plugins>
  readonly config: Config
  /** Told of every secret that was read, before anybody has it. */
  readonly redactor: Promise<Redactor>
  /** What providers are given, until a signal; made when the first secret is read. */
  readonly context: () => Promise<(until: AbortSignal) => PluginContext>
}

/** Asks the provider of that name, which is loaded when its first secret is read. */
export function makeSecretReader({ plugins, config, redactor, context }: SecretReaderOptions): ReadSecret {
  const ready = new Map<string, Promise<{ provider: Provider; context: (until: AbortSignal) => ProviderContext }>>()
  const questions = makeQuestions()

  async function make(name: string): Promise<{ provider: Provider; context: (until: AbortSignal) => ProviderContext }> {
    const given = await context()
    const { provider, section } = await openProvider(name, await plugins, config)
    return { provider, context: (until) => ({ ...given(until), config: section }) }
  }

  return async (name, reference) => {
    const made = ready.get(name) ?? make(name)
    ready.set(name, made)
    return readSecret({ name, reference, ...(await made), questions, redactor: await redactor, limit: config.secret_timeout })
  }
}
