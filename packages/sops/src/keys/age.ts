import { Buffer } from 'node:buffer'
import type { Secret } from '@chaos/core'
import { revealSecret, secret } from '@chaos/core'
import { failure } from '../failure.ts'
import { AGE_PLUGIN, AGE_SSH } from './master-key.ts'

const ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----'
/** Where errors about identities are said to be from: they come from no sops file. */
const IDENTITIES = 'age identities'

/** An identity, and the recipient it belongs to. */
export interface Identity {
  text: string
  recipient: string
}

/**
 * The identities in texts as `age-keygen` writes them: one a line, `#` for comments. Throws SOPS_IDENTITY; what cannot be used here
 * is refused by name: keys of ssh, plugins, and files with a passphrase, which {@link unlockIdentities} opens.
 */
export async function readIdentities(texts: readonly Secret[]): Promise<Identity[]> {
  const { identities, foreign } = await sortIdentities(texts)
  if (foreign.includes(AGE_SSH)) refuse('a private key of ssh', 'Make an age identity of it with ssh-to-age.')
  if (foreign.includes(AGE_PLUGIN)) refuse('an identity of an age plugin', 'Use the sops binary for it.')
  return identities
}

/** The same, for those who can go on without what cannot be used here: its kinds are told. */
export async function sortIdentities(texts: readonly Secret[]): Promise<{ identities: Identity[]; foreign: string[] }> {
  const { identityToRecipient } = await import('age-encryption')
  const identities: Identity[] = []
  const foreign = new Set<string>()
  for (const each of texts) {
    const text = revealSecret(each)
    if (text.trimStart().startsWith(ARMOR) || text.startsWith('age-encryption.org/')) {
      throw failure('SOPS_IDENTITY', IDENTITIES, { message: 'they are locked with a passphrase.', hint: 'Unlock them first, or give them in clear.', details: { locked: true } })
    }
    if (text.includes('-----BEGIN OPENSSH PRIVATE KEY-----') || text.includes('-----BEGIN RSA PRIVATE KEY-----')) {
      foreign.add(AGE_SSH)
      continue
    }
    for (const [index, line] of text.split('\n').entries()) {
      for (const word of line.trim().startsWith('#') ? [] : line.trim().split(/\s+/).filter(Boolean)) {
        if (word.startsWith('AGE-PLUGIN-')) {
          foreign.add(AGE_PLUGIN)
          continue
        }
        try {
          identities.push({ text: word, recipient: await identityToRecipient(word) })
        } catch {
          // What it says would quote the identity.
          throw failure('SOPS_IDENTITY', IDENTITIES, { message: `line ${index + 1} is no age identity.`, hint: 'An identity begins with AGE-SECRET-KEY-1; age-keygen makes one.' })
        }
      }
    }
  }
  return { identities, foreign: [...foreign] }
}

function refuse(what: string, hint: string): never {
  throw failure('SOPS_IDENTITY', IDENTITIES, { message: `${what} cannot be used here.`, hint })
}

/** The identities of a file that is locked with a passphrase, as `age -p` makes it. Takes a second: that is what a passphrase is worth. */
export async function unlockIdentities(locked: string | Uint8Array, passphrase: Secret): Promise<Secret> {
  const { Decrypter, armor } = await import('age-encryption')
  const decrypter = new Decrypter()
  decrypter.addPassphrase(revealSecret(passphrase))
  try {
    return secret(await decrypter.decrypt(typeof locked === 'string' ? armor.decode(locked) : locked, 'text'))
  } catch {
    throw failure('SOPS_IDENTITY', IDENTITIES, { message: 'the passphrase does not open them.', hint: 'Check the passphrase, and that the file is whole.', details: { locked: true } })
  }
}

/** A new identity, as `age-keygen` writes it, and its recipient. */
export async function newIdentity(): Promise<{ identity: Secret; recipient: string }> {
  const { generateX25519Identity, identityToRecipient } = await import('age-encryption')
  const text = await generateX25519Identity()
  const recipient = await identityToRecipient(text)
  const created = new Date().toISOString().replace(/\.\d+/, '')
  return { identity: secret(`# created: ${created}\n# public key: ${recipient}\n${text}\n`), recipient }
}

/** Throws SOPS_AGE_RECIPIENT. */
export async function checkRecipient(recipient: string, file: string): Promise<void> {
  const { Encrypter } = await import('age-encryption')
  const wrong = (message: string, hint: string): never => {
    throw failure('SOPS_AGE_RECIPIENT', file, { message, hint, details: { recipient } })
  }
  if (recipient.startsWith('ssh-')) wrong('recipients of ssh are not known here.', 'Make an age recipient of it with ssh-to-age, or use the sops binary.')
  if (recipient.startsWith('AGE-SECRET-KEY-')) throw failure('SOPS_AGE_RECIPIENT', file, { message: 'a secret identity stands where a recipient belongs.', hint: 'Recipients begin with age1. Make a new identity if this file was seen by others.' })
  try {
    new Encrypter().addRecipient(recipient)
  } catch {
    wrong(`${recipient} is no age recipient.`, 'A recipient begins with age1; age-keygen -y shows that of an identity.')
  }
}

export async function encryptWithAge(bytes: Uint8Array, recipient: string, file: string): Promise<string> {
  await checkRecipient(recipient, file)
  const { Encrypter, armor } = await import('age-encryption')
  const encrypter = new Encrypter()
  encrypter.addRecipient(recipient)
  return armor.encode(await bytesOf(await encrypter.encrypt(streamOf(bytes))))
}

/** The bytes, or undefined where none of the identities fits. */
export async function decryptWithAge(encrypted: string, identities: readonly Identity[]): Promise<Uint8Array | undefined> {
  const { Decrypter, armor } = await import('age-encryption')
  const decrypter = new Decrypter()
  for (const { text } of identities) decrypter.addIdentity(text)
  try {
    return await bytesOf(await decrypter.decrypt(streamOf(armor.decode(encrypted))))
  } catch {
    return undefined
  }
}

/** Of bytes age-encryption makes a `Response`, for which Node loads all of its fetch: longer than a file takes to be decrypted. */
function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes)
      controller.close()
    },
  })
}

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(chunk)
  return Uint8Array.from(Buffer.concat(chunks))
}
