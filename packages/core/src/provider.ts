import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'
import type { PluginContext } from './plugin-context.ts'
import type { Schema } from './schema.ts'
import type { Secret } from './secret.ts'

export interface ProviderContext extends PluginContext {
  /** The provider's section of the config, validated. */
  readonly config: unknown
}

/** Where secrets come from. */
export interface ProviderDefinition {
  config?: Schema
  about?: string
  /** The secret that a reference names. */
  read: (reference: string, context: ProviderContext) => Promise<Secret>
  /** Stores a secret; gives the reference it is found by. */
  write?: (reference: string, value: Secret, context: ProviderContext) => Promise<string>
  /** Whether it can be used now, in a sentence. */
  status?: (context: ProviderContext) => Promise<{ ready: boolean; text: string }>
}

export interface Provider extends Branded<'provider'>, Readonly<ProviderDefinition> {}

export function defineProvider(definition: ProviderDefinition): Provider {
  return brand('provider', { ...definition })
}

export function isProvider(value: unknown): value is Provider {
  return isKind(value, 'provider')
}
