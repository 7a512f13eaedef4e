import { revealSecret } from '@chaos/core'
import { readSopsConfig } from '@chaos/sops'
import type { Redactor } from '@chaos/engine'
import type { Warning } from '../aliases.ts'
import { declaredSecrets, secretsIn } from './declared.ts'
import type { Declaration } from './declared.ts'
import type { KeySourceOptions } from './key-source.ts'
import { decryptSecrets, readSealed, withKeys } from './open.ts'
import { fitsRule } from './recipients.ts'
import type { OpenSecrets } from './run-secrets.ts'

export async function decrypted(place: { file: string; sops: string | undefined }, keys: KeySourceOptions): Promise<OpenSecrets> {
  const sealed = await readSealed(place)
  const opened = await withKeys(keys, (source) => decryptSecrets(sealed, source))
  return { ...sealed, metadata: opened.metadata, tree: opened.secrets() }
}

/** What a role declared of it. The redactor knows what is given before the role does. */
export function givenToRole({ tree, file }: OpenSecrets, tag: string, declaration: Declaration, redactor: Redactor): Readonly<Record<string, unknown>> {
  const given = declaredSecrets(tag, declaration, tree, file)
  for (const each of secretsIn(given)) redactor.add(revealSecret(each))
  return given
}

/** A warning where the file is not encrypted for those whom the config of sops names. */
export function recipientsWarning({ file, metadata, sops }: OpenSecrets): Warning | undefined {
  if (sops === undefined || fitsRule(metadata, readSopsConfig(sops, file))) return undefined
  return { code: 'SECRETS_RECIPIENTS', message: `${file} is encrypted for others than ${sops} says.`, hint: 'chaos secrets update encrypts it for those.' }
}
