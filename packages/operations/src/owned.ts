import type { OperationOptions, Remembered, RoleState } from '@chaos/core'

/** A thing that a role added itself, with what it noted of it then. */
export interface Owned {
  readonly name: string
  /** What was given to {@link own}; written on a machine that is not ours, so it is checked before use. */
  readonly value: unknown
}

/**
 * The option that makes a role remember that it added a thing, or several with one operation:
 * `yield server.user({ name }, own('user', name, { shell }))`.
 */
export function own(kind: string, names: string | readonly string[], value: unknown = true): Pick<OperationOptions, 'remember'> {
  const remembered = (name: string): Remembered => ({ id: idOf(kind, name), value })
  return { remember: typeof names === 'string' ? remembered(names) : names.map(remembered) }
}

/** The option that makes it forget the thing, once it is gone: `yield server.user({ name, present: false }, disown('user', name))`. */
export function disown(kind: string, names: string | readonly string[]): Pick<OperationOptions, 'forget'> {
  return { forget: typeof names === 'string' ? idOf(kind, names) : names.map((name) => idOf(kind, name)) }
}

/** Whether the role added this thing itself. */
export function isOwned({ items }: RoleState, kind: string, name: string): boolean {
  return Object.hasOwn(items, idOf(kind, name))
}

/** What a role added itself and the Ch-obolo no longer declares, in the order it was added. */
export function undeclared({ items }: RoleState, kind: string, declared: Iterable<string>): readonly Owned[] {
  const named = new Set(declared)
  const prefix = idOf(kind, '')
  return Object.entries(items)
    .filter(([id]) => id.startsWith(prefix) && !named.has(id.slice(prefix.length)))
    .map(([id, value]) => ({ name: id.slice(prefix.length), value }))
}

function idOf(kind: string, name: string): string {
  return `${kind}:${name}`
}
