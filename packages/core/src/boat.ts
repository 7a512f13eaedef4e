import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'
import type { HostReference } from './host.ts'
import type { PluginContext } from './plugin-context.ts'
import type { Output, Schema } from './schema.ts'

/** What a boat is given. */
export interface BoatContext<C = unknown> extends PluginContext {
  /** The boat's `config` of the Ch-obolo, validated, with its defaults; without a schema whatever stands there. */
  readonly config: C
}

/** An inventory that is asked for, not written: a dynamic source of hosts. */
export interface BoatDefinition<S extends Schema = Schema> {
  /** The schema of its `config` in the Ch-obolo. Default: none, and nothing is checked. */
  config?: S
  /** One sentence, for `check` and explain. */
  about?: string
  /** The hosts, each once, the same when it is asked again. Asked at the start of a run that needs the fleet; an inventory that cannot be asked is an error, never an empty fleet. */
  hosts: (context: BoatContext<Output<S>>) => Iterable<HostReference> | AsyncIterable<HostReference>
}

/** A boat, as a package exports it. */
export interface Boat extends Branded<'boat'>, Readonly<BoatDefinition> {}

/** Defines an inventory that is asked for. */
export function defineBoat<S extends Schema = Schema>(definition: BoatDefinition<S>): Boat {
  return brand('boat', { ...(definition as unknown as BoatDefinition) })
}

/** Whether a value is a boat, of whichever copy of core. */
export function isBoat(value: unknown): value is Boat {
  return isKind(value, 'boat')
}
