import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'

/** Example fragments of a Ch-obolo, for `chaos init chobolo`. */
export interface Keys extends Branded<'keys'> {
  /** Merged with those of other packages: maps deeply, of lists the later one wins. Each root key stands in one of them only. */
  readonly fragments: readonly Readonly<Record<string, unknown>>[]
}

/** Defines example fragments, each a map of root keys to plain data that YAML can hold. For a role of the short form they also say which keys it reads. */
export function defineKeys(fragments: readonly Readonly<Record<string, unknown>>[]): Keys {
  return brand('keys', { fragments })
}

/** Whether a value is a set of keys, of whichever copy of core. */
export function isKeys(value: unknown): value is Keys {
  return isKind(value, 'keys')
}
