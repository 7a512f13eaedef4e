import { createCipheriv, createHmac, generateKeyPairSync, pbkdf2Sync, publicEncrypt, randomBytes, constants } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

export const KDF = { kdf: 0, iterations: 600_000 }

/** 32 bytes to encrypt with and 32 to sign with. */
export type SymmetricKey = Buffer

export const newKey = (): SymmetricKey => randomBytes(64)

/** What is made of e-mail address and password: it encrypts the account's key. Its half does not stretch, so HKDF only expands. */
export function passwordKeys(email: string, password: string): { hash: string; stretched: SymmetricKey } {
  const master = pbkdf2Sync(password, email.trim().toLowerCase(), KDF.iterations, 32, 'sha256')
  const half = (info: string): Buffer => createHmac('sha256', master).update(`${info}\u0001`).digest()
  return { hash: pbkdf2Sync(master, password, 1, 32, 'sha256').toString('base64'), stretched: Buffer.concat([half('enc'), half('mac')]) }
}

/** Of type 2: AES-256-CBC, signed with HMAC-SHA256. */
export function encrypt(plain: string | Buffer, key: SymmetricKey): string {
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-cbc', key.subarray(0, 32), iv)
  const data = Buffer.concat([cipher.update(plain), cipher.final()])
  const mac = createHmac('sha256', key.subarray(32)).update(iv).update(data).digest()
  return `2.${[iv, data, mac].map((part) => part.toString('base64')).join('|')}`
}

/** Of type 4: RSA-OAEP with SHA-1, as an organization's key comes to a member. */
export function encryptFor(publicKey: KeyObject, plain: Buffer): string {
  return `4.${publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, plain).toString('base64')}`
}

export function newKeyPair(): { publicKey: KeyObject; publicDer: Buffer; privateDer: Buffer } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { publicKey, publicDer: publicKey.export({ type: 'spki', format: 'der' }), privateDer: privateKey.export({ type: 'pkcs8', format: 'der' }) }
}
