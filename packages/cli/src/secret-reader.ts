import { ChaosError, isChaosError, issuePath, revealSecret } from '@chaos/core'
import type { PluginContext, Provider, ProviderContext, Secret } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import type { Redactor } from '@chaos/engine'
import type { Config } from './config.ts'

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

/** Asks the provider of that name, which is loaded when its first secret is read. Its section of the config is `secret_providers.NAME`. */
export function makeSecretReader({ plugins, config, redactor, context }: SecretReaderOptions): ReadSecret {
  const ready = new Map<string, Promise<{ provider: Provider; context: ProviderContext }>>()

  async function make(name: string): Promise<{ provider: Provider; context: ProviderContext }> {
    const provider = await (await plugins).load('providers', name)
    const section = config.secret_providers?.[name]
    return { provider, context: { ...(await context()), config: await validated(name, provider, section) } }
  }

  return async (name, reference) => {
    const made = ready.get(name) ?? make(name)
    ready.set(name, made)
    const { provider, context: given } = await made
    const value = await provider.read(reference, given).catch((error: unknown) => {
      throw notRead(name, reference, error)
    })
    ;(await redactor).add(revealSecret(value))
    return value
  }
}

async function validated(name: string, { config: schema }: Provider, section: unknown): Promise<unknown> {
  if (schema === undefined) return section
  const result = await schema['~standard'].validate(section ?? {})
  if (!result.issues) return result.value
  const [issue] = result.issues
  throw new ChaosError('PROVIDER_CONFIG', {
    message: `The config of the provider ${name} is not right: ${['secret_providers', name, ...(issue ? issuePath(issue) : [])].join('.')}: ${issue?.message ?? 'invalid'}.`,
    hint: `chaos explain ${name} shows what it takes, if its package explains it.`,
  })
}

/** What a provider throws may hold anything; of a stranger's error only the kind is told. */
function notRead(name: string, reference: string, cause: unknown): ChaosError {
  if (isChaosError(cause)) return cause
  return new ChaosError('SECRET_NOT_READ', {
    message: `The provider ${name} could not read ${reference}: it failed with ${cause instanceof Error ? cause.name : 'something that is no error'}.`,
    hint: `chaos check providers shows what is installed.`,
  })
}
