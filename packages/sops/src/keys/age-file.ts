import type { Secret } from '@chaos/core'
import { secret } from '@chaos/core'
import { failure } from '../failure.ts'
import { readIdentities } from './age.ts'

/** The text of a file of age itself, armored or not: no file of sops. Throws SOPS_NO_KEY, SOPS_IDENTITY, SOPS_TEXT. */
export async function decryptAgeFile(bytes: Uint8Array, { file, identities }: { file: string; identities: readonly Secret[] }): Promise<Secret> {
  const { Decrypter, armor } = await import('age-encryption')
  const decrypter = new Decrypter()
  for (const { text } of await readIdentities(identities)) decrypter.addIdentity(text)
  const plain = await opened()
  try {
    return secret(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain))
  } catch {
    throw failure('SOPS_TEXT', file, { message: 'what it holds is no text in UTF-8.', hint: 'Bytes are kept in base64.' })
  }

  async function opened(): Promise<Uint8Array> {
    try {
      const text = new TextDecoder('latin1').decode(bytes)
      return await decrypter.decrypt(text.trimStart().startsWith('-----BEGIN AGE') ? armor.decode(text) : bytes)
    } catch {
      throw failure('SOPS_NO_KEY', file, { message: `none of ${identities.length === 0 ? 'your identities, for there are none,' : 'your age identities'} opens it, or it is damaged.`, hint: 'Give the identity it was encrypted for, or restore it from a copy.' })
    }
  }
}
