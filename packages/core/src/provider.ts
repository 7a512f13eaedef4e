import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'
import type { PluginContext } from './plugin-context.ts'
import type { Output, Schema } from './schema.ts'
import type { Secret } from './secret.ts'

export interface ProviderContext<C = unknown> extends PluginContext {
  /** The provider's section of the config, validated. */
  readonly config: C
}

/** Where secrets come from. */
export interface ProviderDefinition<S extends Schema = Schema> {
  /** Of its section of the config, `secret_providers.NAME`. */
  config?: S
  about?: string
  /** The secret that a reference names. */
  read: (reference: string, context: ProviderContext<Output<S>>) => Promise<Secret>
  /** Stores a secret; gives the reference it is found by. */
  write?: (reference: string, value: Secret, context: ProviderContext<Output<S>>) => Promise<string>
  /** Whether it can be used now, in a sentence. */
  status?: (context: ProviderContext<Output<S>>) => Promise<{ ready: boolean; text: string }>
}

export interface Provider extends Branded<'provider'>, Readonly<ProviderDefinition> {}

/** Defines where secrets come from. */
export function defineProvider<S extends Schema = Schema>(definition: ProviderDefinition<S>): Provider {
  return brand('provider', { ...(definition as unknown as ProviderDefinition) })
}

export function isProvider(value: unknown): value is Provider {
  return isKind(value, 'provider')
}
