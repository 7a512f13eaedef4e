import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Value } from './value.ts'
import { valueOf } from './value.ts'

/** sops takes 32 bytes of nonce where AES-GCM commonly has 12; the standard allows any length. */
const NONCE_BYTES = 32
const TAG_BYTES = 16
const ENCRYPTED = /^ENC\[AES256_GCM,data:([A-Za-z0-9+/]+=*),iv:([A-Za-z0-9+/]+=*),tag:([A-Za-z0-9+/]+=*),type:([a-z0-9]+)\]$/

/** Why a value could not be decrypted. */
export type CipherProblem = 'form' | 'key' | 'type' | 'text'

/** Decrypts `ENC[AES256_GCM,…]`. The additional data is the path of the value, so that a moved value is found out. */
export function decryptText(encrypted: string, key: Uint8Array, additional: string): { type: string; text: string } | CipherProblem {
  const parts = ENCRYPTED.exec(encrypted)
  if (!parts) return 'form'
  const [data, nonce, tag] = parts.slice(1, 4).map((part) => Buffer.from(part, 'base64')) as [Buffer, Buffer, Buffer]
  if (tag.length !== TAG_BYTES) return 'form'
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(additional)).setAuthTag(tag)
    const plain = Buffer.concat([decipher.update(data), decipher.final()])
    return { type: parts[4] as string, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain) }
  } catch (cause) {
    return cause instanceof TypeError ? 'text' : 'key'
  }
}

/** An empty text stands for itself: sops encrypts none. */
export function decryptValue(encrypted: string, key: Uint8Array, additional: string): Value | CipherProblem {
  if (encrypted === '') return { type: 'str', text: '' }
  const plain = decryptText(encrypted, key, additional)
  if (typeof plain === 'string') return plain
  return valueOf(plain.type, plain.text) ?? 'type'
}

export function encryptText(type: string, text: string, key: Uint8Array, additional: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(additional))
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return `ENC[AES256_GCM,data:${data.toString('base64')},iv:${nonce.toString('base64')},tag:${cipher.getAuthTag().toString('base64')},type:${type}]`
}

/** The additional data of what stands at a path. */
export function additionalData(path: readonly string[]): string {
  return `${path.join(':')}:`
}

export function looksEncrypted(text: string): boolean {
  return text.startsWith('ENC[AES256_GCM,')
}
