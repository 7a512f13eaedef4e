import { isSecret } from '@chaos/core'

/** Keys of maps, indexes of lists. */
export type SopsPath = readonly (string | number)[]

/** `users.ana.tokens[0]` as a path; undefined where it is none. A key with a dot in it cannot be written so. */
export function parsePath(text: string): SopsPath | undefined {
  const path: (string | number)[] = []
  for (const part of text.split('.')) {
    const [, key, indexes = ''] = /^([^[\]]+)((?:\[\d+\])*)$/.exec(part) ?? []
    if (key === undefined) return undefined
    path.push(key, ...[...indexes.matchAll(/\d+/g)].map(Number))
  }
  return path
}

/** What stands there in a tree; undefined where there is nothing. */
export function valueAt(tree: unknown, path: SopsPath): unknown {
  return path.reduce<unknown>((value, step) => {
    const fits = typeof step === 'number' ? Array.isArray(value) : typeof value === 'object' && value !== null && !Array.isArray(value) && !isSecret(value)
    return fits && Object.hasOwn(value as object, step) ? (value as Record<string | number, unknown>)[step] : undefined
  }, tree)
}
