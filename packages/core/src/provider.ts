import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'
import type { PluginContext } from './plugin-context.ts'
import type { Output, Schema } from './schema.ts'
import type { Secret } from './secret.ts'

/** What a provider is given. */
export interface ProviderContext<C = unknown> extends PluginContext {
  /** The provider's section of the config, validated, with its defaults; without a schema whatever stands there. */
  readonly config: C
}

/** Where secrets come from. */
export interface ProviderDefinition<S extends Schema = Schema> {
  /** The schema of its section of the config, `secret_providers.NAME`. Default: none, and nothing is checked. */
  config?: S
  /** One sentence, for `check` and explain. */
  about?: string
  /** The secret that a reference names: what follows `${secret:NAME:`. Rejects where there is none; never gives an empty one in its place. */
  read: (reference: string, context: ProviderContext<Output<S>>) => Promise<Secret>
  /** Stores a secret; gives the reference it is found by. Not given = it cannot. */
  write?: (reference: string, value: Secret, context: ProviderContext<Output<S>>) => Promise<string>
  /** Whether it can be used now, in a sentence. Changes nothing, and shows no secret. Not given = nobody can tell. */
  status?: (context: ProviderContext<Output<S>>) => Promise<{ ready: boolean; text: string }>
}

/** A provider, as a package exports it. */
export interface Provider extends Branded<'provider'>, Readonly<ProviderDefinition> {}

/** Defines where secrets come from. */
export function defineProvider<S extends Schema = Schema>(definition: ProviderDefinition<S>): Provider {
  return brand('provider', { ...(definition as unknown as ProviderDefinition) })
}

/** Whether a value is a provider, of whichever copy of core. */
export function isProvider(value: unknown): value is Provider {
  return isKind(value, 'provider')
}
