/**
 * What crosses a package border is recognised by this string-keyed brand, never by
 * `instanceof`: npm installs a peer once per global package, so two copies of core
 * in one process are normal.
 */
export const API = 1

export type Kind =
  | 'secret'
  | 'command'
  | 'error'
  | 'fact'
  | 'operation'
  | 'result'
  | 'connector'
  | 'role'
  | 'provider'
  | 'boat'
  | 'explain'
  | 'keys'

export interface Brand<K extends Kind = Kind> {
  readonly kind: K
  readonly api: number
}

export interface Branded<K extends Kind = Kind> {
  readonly '~chaos': Brand<K>
}

/** Stamps `value` with the brand of `kind`; the property is neither enumerable nor writable. */
export function brand<K extends Kind, T extends object>(kind: K, value: T): T & Branded<K> {
  return Object.defineProperty(value, '~chaos', { value: { kind, api: API } }) as T & Branded<K>
}

/** The brand of `value`, if it carries one. */
export function brandOf(value: unknown): Brand | undefined {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined
  // A brand is never enumerable: what was read from JSON or YAML and looks like one is none.
  if (Object.prototype.propertyIsEnumerable.call(value, '~chaos')) return undefined
  const found = (value as { '~chaos'?: unknown })['~chaos']
  if (typeof found !== 'object' || found === null) return undefined
  const { kind, api } = found as Partial<Brand>
  return typeof kind === 'string' && typeof api === 'number' ? (found as Brand) : undefined
}

/** Whether `value` was made by any copy of core as a thing of this kind. */
export function isKind<K extends Kind>(value: unknown, kind: K): value is Branded<K> {
  return brandOf(value)?.kind === kind
}
