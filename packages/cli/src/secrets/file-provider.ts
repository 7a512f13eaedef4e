import { defineProvider, isSecret, secret } from '@chaos/core'
import type { Provider } from '@chaos/core'
import type { PlainValue } from '@chaos/sops'
import { oneKey } from './one-key.ts'
import type { RunSecrets } from './run-secrets.ts'

/** The secrets file as a provider: `${secret:sops:users.ana.token}`. Throws SECRETS_KEY_MISSING, SECRETS_KEY_KIND, and what the file throws. */
export function secretsFileProvider({ open }: RunSecrets): Provider {
  return defineProvider({
    async read(reference) {
      const { file, tree } = await open()
      const value = oneKey(tree, reference, file)
      // What is no Secret stands there in clear.
      return isSecret(value) ? value : secret(value === null ? '' : String(value as PlainValue))
    },
  })
}
