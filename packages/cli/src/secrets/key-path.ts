import { ChaosError } from '@chaos/core'
import { parsePath } from '@chaos/sops'
import type { SopsPath } from '@chaos/sops'

/** `users.ana.tokens[0]`, `tls["ca.crt"]` as keys of maps and indexes of lists. */
export function keyPath(text: string): SopsPath {
  const path = parsePath(text)
  if (path) return path
  throw new ChaosError('USAGE', { message: `${JSON.stringify(text)} is no key of a secret.`, hint: 'Keys are parted by dots, items of lists are numbers in brackets, keys with dots are in brackets and quotes: users.ana.tokens[0], tls["ca.crt"]' })
}
