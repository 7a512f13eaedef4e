import { ChaosError, isSecret } from '@chaos/core'
import { valueAt } from '@chaos/sops'
import { keyPath } from './key-path.ts'

/** What a secrets file has under a key: one value, no map and no list. Throws SECRETS_KEY_MISSING, SECRETS_KEY_KIND. */
export function oneKey(tree: unknown, key: string, file: string): unknown {
  const value = valueAt(tree, keyPath(key))
  if (value === undefined) throw missingKey(key, file)
  if (isSecret(value) || typeof value !== 'object' || value === null) return value
  throw new ChaosError('SECRETS_KEY_KIND', { message: `${key} of ${file} is a ${Array.isArray(value) ? 'list' : 'map'}, and no single secret.`, hint: 'Name one that is in it: `chaos check secrets` lists them.' })
}

export function missingKey(key: string, file: string, hint = '`chaos check secrets` lists what there is.'): ChaosError {
  return new ChaosError('SECRETS_KEY_MISSING', { message: `${file} has no ${key}.`, hint })
}
