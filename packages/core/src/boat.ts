import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'
import type { HostReference } from './host.ts'
import type { PluginContext } from './plugin-context.ts'
import type { Output, Schema } from './schema.ts'

export interface BoatContext<C = unknown> extends PluginContext {
  /** The boat's `config` of the Ch-obolo, validated. */
  readonly config: C
}

/** An inventory that is asked for, not written: a dynamic source of hosts. */
export interface BoatDefinition<S extends Schema = Schema> {
  /** Of its `config` in the Ch-obolo. */
  config?: S
  about?: string
  hosts: (context: BoatContext<Output<S>>) => Iterable<HostReference> | AsyncIterable<HostReference>
}

export interface Boat extends Branded<'boat'>, Readonly<BoatDefinition> {}

/** Defines an inventory that is asked for. */
export function defineBoat<S extends Schema = Schema>(definition: BoatDefinition<S>): Boat {
  return brand('boat', { ...(definition as unknown as BoatDefinition) })
}

export function isBoat(value: unknown): value is Boat {
  return isKind(value, 'boat')
}
