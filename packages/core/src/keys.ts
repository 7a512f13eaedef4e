import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'

/** Example fragments of a Ch-obolo, for `chaos init chobolo`. */
export interface Keys extends Branded<'keys'> {
  readonly fragments: readonly Readonly<Record<string, unknown>>[]
}

export function defineKeys(fragments: readonly Readonly<Record<string, unknown>>[]): Keys {
  return brand('keys', { fragments })
}

export function isKeys(value: unknown): value is Keys {
  return isKind(value, 'keys')
}
