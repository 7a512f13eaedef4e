import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'
import type { HostReference } from './host.ts'
import type { PluginContext } from './plugin-context.ts'
import type { Schema } from './schema.ts'

export interface BoatContext extends PluginContext {
  /** The boat's `config` of the Ch-obolo, validated. */
  readonly config: unknown
}

/** An inventory that is asked for, not written: a dynamic source of hosts. */
export interface BoatDefinition {
  config?: Schema
  about?: string
  hosts: (context: BoatContext) => Iterable<HostReference> | AsyncIterable<HostReference>
}

export interface Boat extends Branded<'boat'>, Readonly<BoatDefinition> {}

export function defineBoat(definition: BoatDefinition): Boat {
  return brand('boat', { ...definition })
}

export function isBoat(value: unknown): value is Boat {
  return isKind(value, 'boat')
}
