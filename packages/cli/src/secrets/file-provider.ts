import { ChaosError, defineProvider, isSecret, secret } from '@chaos/core'
import type { Provider } from '@chaos/core'
import { valueAt } from '@chaos/sops'
import type { PlainValue } from '@chaos/sops'
import { keyPath } from './key-path.ts'
import type { RunSecrets } from './run-secrets.ts'

/** The secrets file as a provider: `${secret:sops:users.ana.token}`. Throws SECRETS_KEY_MISSING, SECRETS_KEY_KIND, and what the file throws. */
export function secretsFileProvider({ open }: RunSecrets): Provider {
  return defineProvider({
    async read(reference) {
      const path = keyPath(reference)
      const { file, tree } = await open()
      const value = valueAt(tree, path)
      if (value === undefined) throw new ChaosError('SECRETS_KEY_MISSING', { message: `${file} has no ${reference}.`, hint: '`chaos check secrets` lists what there is.' })
      if (isSecret(value)) return value
      if (typeof value === 'object' && value !== null) {
        throw new ChaosError('SECRETS_KEY_KIND', { message: `${reference} of ${file} is a ${Array.isArray(value) ? 'list' : 'map'}, and no single secret.`, hint: 'Name one that is in it: `chaos check secrets` lists them.' })
      }
      // What stands there in clear.
      return secret(value === null ? '' : String(value as PlainValue))
    },
  })
}
