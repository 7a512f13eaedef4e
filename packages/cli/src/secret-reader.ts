import type { PluginContext, Provider, ProviderContext, Secret } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import type { Redactor } from '@chaos/engine'
import type { Config } from './config.ts'
import { openProvider } from './provider-config.ts'
import { makeQuestions, readSecret } from './read-secret.ts'
import type { RunSecrets } from './secrets/run-secrets.ts'

/** The secrets file by the name of a provider. */
export const SECRETS_FILE = 'sops'

/** Reads what `${secret:NAME:REFERENCE}` names. */
export type ReadSecret = (name: string, reference: string) => Promise<Secret>

export interface SecretReaderOptions {
  readonly plugins: Promise<Plugins>
  readonly config: Config
  /** Told of every secret that was read, before anybody has it. */
  readonly redactor: Promise<Redactor>
  /** What is asked by the name `sops`, where the command has a secrets file. */
  readonly secrets?: RunSecrets
  /** What providers are given, until a signal; made when the first secret is read. */
  readonly context: () => Promise<(until: AbortSignal) => PluginContext>
}

/** Asks the provider of that name, which is loaded when its first secret is read. */
export function makeSecretReader({ plugins, config, redactor, secrets, context }: SecretReaderOptions): ReadSecret {
  const ready = new Map<string, Promise<{ provider: Provider; context: (until: AbortSignal) => ProviderContext }>>()
  const questions = makeQuestions()

  async function make(name: string): Promise<{ provider: Provider; context: (until: AbortSignal) => ProviderContext }> {
    const given = await context()
    if (name === SECRETS_FILE && secrets) return { provider: (await import('./secrets/file-provider.ts')).secretsFileProvider(secrets), context: (until) => ({ ...given(until), config: undefined }) }
    const { provider, section } = await openProvider(name, await plugins, config)
    return { provider, context: (until) => ({ ...given(until), config: section }) }
  }

  return async (name, reference) => {
    const made = ready.get(name) ?? make(name)
    ready.set(name, made)
    return readSecret({ name, reference, ...(await made), questions, redactor: await redactor, limit: config.secret_timeout })
  }
}
