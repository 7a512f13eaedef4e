import { revealSecret } from '@chaos/core'
import { inspectSops, readSopsConfig } from '@chaos/sops'
import { declaredSecrets, secretsIn } from './declared.ts'
import type { Declaration } from './declared.ts'
import type { RoleSecretsOptions } from './for-roles.ts'
import { decryptSecrets, readSealed, withKeys } from './open.ts'
import { fitsRule } from './recipients.ts'

/** What a role declared of a file that was decrypted. */
export type DeclaredSecrets = (tag: string, declaration: Declaration) => Readonly<Record<string, unknown>>

/** Decrypts the secrets file. The redactor knows what is given before a role does. */
export async function decrypted({ file, sopsFile, keys, redactor, warn }: Pick<RoleSecretsOptions, 'file' | 'sopsFile' | 'keys' | 'redactor' | 'warn'>): Promise<DeclaredSecrets> {
  const sealed = await readSealed({ file, sops: sopsFile })
  if (sopsFile !== undefined && !fitsRule(inspectSops(sealed.text, { file }), readSopsConfig(sopsFile, file))) {
    warn({ code: 'SECRETS_RECIPIENTS', message: `${file} is encrypted for others than ${sopsFile} says.`, hint: 'chaos secrets update encrypts it for those.' })
  }
  const tree = (await withKeys(keys, (source) => decryptSecrets(sealed, source))).secrets()
  return (tag, declaration) => {
    const given = declaredSecrets(tag, declaration, tree, file)
    for (const each of secretsIn(given)) {
      const shown = revealSecret(each)
      // Truth values are no secrets to look for: every second sentence has them.
      if (shown !== 'true' && shown !== 'false') redactor.add(shown)
    }
    return given
  }
}
