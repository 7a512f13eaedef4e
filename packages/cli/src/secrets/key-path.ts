import { ChaosError } from '@chaos/core'
import type { SopsPath } from '@chaos/sops'

/** `users.ana.tokens[0]` as keys of maps and indexes of lists. */
export function keyPath(text: string): SopsPath {
  const steps = text.split('.').flatMap((part) => {
    const [, key, indexes] = /^([^[\]]+)((?:\[\d+\])*)$/.exec(part) ?? []
    if (key === undefined) throw new ChaosError('USAGE', { message: `${JSON.stringify(text)} is no key of a secret.`, hint: 'Keys are parted by dots, items of lists are numbers in brackets: users.ana.tokens[0]' })
    return [key, ...[...(indexes ?? '').matchAll(/\d+/g)].map(Number)]
  })
  return steps
}

/** The value there; undefined where there is none. */
export function valueAtPath(tree: unknown, path: SopsPath): unknown {
  return path.reduce<unknown>((value, step) => {
    const fits = typeof step === 'number' ? Array.isArray(value) : typeof value === 'object' && value !== null && !Array.isArray(value)
    return fits && Object.hasOwn(value as object, step) ? (value as Record<string | number, unknown>)[step] : undefined
  }, tree)
}
