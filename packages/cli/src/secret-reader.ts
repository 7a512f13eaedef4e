import { ChaosError, isChaosError, revealSecret } from '@chaos/core'
import type { PluginContext, Provider, ProviderContext, Secret } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import type { Redactor } from '@chaos/engine'
import type { Config } from './config.ts'
import { kindOf, openProvider } from './provider-config.ts'

/** Reads what `${secret:NAME:REFERENCE}` names. */
export type ReadSecret = (name: string, reference: string) => Promise<Secret>

export interface SecretReaderOptions {
  readonly plugins: Promise<Plugins>
  readonly config: Config
  /** Told of every secret that was read, before anybody has it. */
  readonly redactor: Promise<Redactor>
  /** What providers are given; made when the first secret is read. */
  readonly context: () => Promise<PluginContext>
}

/** Asks the provider of that name, which is loaded when its first secret is read. */
export function makeSecretReader({ plugins, config, redactor, context }: SecretReaderOptions): ReadSecret {
  const ready = new Map<string, Promise<{ provider: Provider; context: ProviderContext }>>()

  return async (name, reference) => {
    const made = ready.get(name) ?? Promise.all([plugins, context()]).then(([found, given]) => openProvider(name, found, config, given))
    ready.set(name, made)
    const { provider, context: given } = await made
    const value = await provider.read(reference, given).catch((error: unknown) => {
      throw notRead(name, reference, error)
    })
    ;(await redactor).add(revealSecret(value))
    return value
  }
}

function notRead(name: string, reference: string, cause: unknown): ChaosError {
  if (isChaosError(cause)) return cause
  return new ChaosError('SECRET_NOT_READ', {
    message: `The provider ${name} could not read ${reference}: it failed with ${kindOf(cause)}.`,
    hint: `chaos check providers shows what is installed.`,
  })
}
