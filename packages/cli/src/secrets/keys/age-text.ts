import { isChaosError, revealSecret, secret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { readIdentities } from '@chaos/sops'
import type { Identity } from '@chaos/sops'
import { wrongKey } from './key-type.ts'

/** The identities in a text as `age-keygen` writes it. At least one. `from` says in errors where it is from. Throws KEY_TEXT. */
export async function readAgeText(text: Secret, from: string): Promise<Identity[]> {
  const found = await readIdentities([text]).catch((error: unknown) => {
    throw isChaosError(error) ? wrongKey(from, error.message.replace(/^age identities: /, '').replace(/\.$/, ''), error.hint ?? '') : error
  })
  if (found.length === 0) throw wrongKey(from, 'it holds no age identity', 'One begins with AGE-SECRET-KEY-1; age-keygen makes it.')
  return found
}

/**
 * The text as it is stored: each identity below its public key. Public keys that stand in it must be as many, and belong to them;
 * where it has none they are added. Throws KEY_TEXT.
 */
export async function checkedAgeText(text: Secret, from: string): Promise<{ text: Secret; identities: readonly Identity[] }> {
  const identities = await readAgeText(text, from)
  const named = [...revealSecret(text).matchAll(/^\s*# public key:\s*(\S+)/gm)].map(([, key]) => key)
  if (named.length === 0) return { text: secret(identities.map(({ text: each, recipient }) => `# public key: ${recipient}\n${each}\n`).join('')), identities }
  if (named.length !== identities.length) {
    throw wrongKey(from, `it has ${named.length} public and ${identities.length} secret keys`, 'Each secret key stands below its public key, as age-keygen writes it.')
  }
  const stranger = identities.findIndex(({ recipient }, index) => recipient !== named[index])
  if (stranger !== -1) throw wrongKey(from, `the public key ${named[stranger]} does not belong to the secret key below it`, `That of the secret key is ${identities[stranger]?.recipient}.`)
  return { text, identities }
}
