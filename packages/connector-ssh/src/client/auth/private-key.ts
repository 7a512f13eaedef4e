import { createPrivateKey, createPublicKey, sign as signWith } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { keyType } from '../../known-hosts/index.ts'

/** A private key that can sign. `hash` is set for RSA alone, where the server's choice counts. */
export interface PrivateKey {
  /** The public half as it travels. */
  readonly blob: Buffer
  sign(data: Buffer, hash: string | undefined): Buffer
}

/** The text of a key file that has been looked at. */
export type KeyText =
  | { readonly state: 'ready'; readonly key: PrivateKey }
  /** It has a passphrase. OpenSSH's format shows the public half nevertheless. */
  | { readonly state: 'locked'; readonly blob: Buffer | undefined }
  | { readonly state: 'broken'; readonly why: string; /** A kind of key this transport cannot use. */ readonly type?: string }

const OPENSSH = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----/
const PKCS8 = /-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/
const ENCRYPTED = /^(?:-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED|Encryption: (?!none))/m
const MAGIC = 'openssh-key-v1\0'

/** Reads a private key in any of the formats that are about: OpenSSH's, PEM, PKCS#8, PuTTY's. */
export async function readPrivateKey(text: string, passphrase: string | undefined): Promise<KeyText> {
  const header = opensshHeader(text)
  const type = header && keyType(header.blob)
  if (type !== undefined && /^sk-|-cert-v\d/.test(type)) return { state: 'broken', why: `${type} is a kind of key that this transport cannot use`, type }
  if (passphrase === undefined && (header?.encrypted === true || ENCRYPTED.test(text))) return { state: 'locked', blob: header?.blob }
  if (PKCS8.test(text)) return readPkcs8(text, passphrase)
  const { parseKey } = (await import('ssh2')).default.utils
  const parsed = firstOf(parseKey(text, passphrase))
  if (parsed instanceof Error) return { state: 'broken', why: parsed.message }
  if (!parsed.isPrivateKey()) return { state: 'broken', why: 'it is a public key' }
  return {
    state: 'ready',
    key: {
      blob: parsed.getPublicSSH(),
      sign: (data, hash) => {
        const signature: Buffer | Error = parsed.sign(data, hash)
        if (signature instanceof Error) throw signature
        return signature
      },
    },
  }
}

/** ssh2 gives an array for the formats that may hold several keys. */
function firstOf<T>(parsed: T | T[]): T {
  return Array.isArray(parsed) ? (parsed[0] as T) : parsed
}

/** The part of OpenSSH's format that no passphrase hides. */
function opensshHeader(text: string): { encrypted: boolean; blob: Buffer } | undefined {
  const bytes = Buffer.from(OPENSSH.exec(text)?.[1] ?? '', 'base64')
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined
  let at = MAGIC.length
  const next = (): Buffer => {
    const length = bytes.readUInt32BE(at)
    at += 4 + length
    if (at > bytes.length) throw new RangeError('cut off')
    return bytes.subarray(at - length, at)
  }
  try {
    const cipher = next().toString('latin1')
    next()
    next()
    at += 4
    return { encrypted: cipher !== 'none', blob: Buffer.from(next()) }
  } catch {
    return undefined
  }
}

/** What openssl makes by itself, and ssh2 does not read. */
function readPkcs8(text: string, passphrase: string | undefined): KeyText {
  try {
    const key = createPrivateKey({ key: text, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) })
    const blob = publicBlob(key)
    if (blob === undefined) return { state: 'broken', why: `${key.asymmetricKeyType ?? 'it'} is no kind of key for SSH` }
    const own = key.asymmetricKeyType === 'ed25519' ? null : key.asymmetricKeyType === 'rsa' ? 'sha1' : CURVES[curveOf(key)]?.hash
    return { state: 'ready', key: { blob, sign: (data, hash) => signWith(hash ?? own, data, key) } }
  } catch (error) {
    return { state: 'broken', why: error instanceof Error ? error.message : String(error) }
  }
}

const CURVES: Readonly<Record<string, { name: string; hash: string }>> = {
  'P-256': { name: 'nistp256', hash: 'sha256' },
  'P-384': { name: 'nistp384', hash: 'sha384' },
  'P-521': { name: 'nistp521', hash: 'sha512' },
}

function curveOf(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'jwk' }).crv ?? ''
}

function publicBlob(key: KeyObject): Buffer | undefined {
  if (!['ed25519', 'rsa', 'ec'].includes(key.asymmetricKeyType ?? '')) return undefined
  const { x = '', y = '', e = '', n = '', crv = '' } = createPublicKey(key).export({ format: 'jwk' })
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64url')
  if (key.asymmetricKeyType === 'ed25519') return strings(Buffer.from('ssh-ed25519'), bytes(x))
  if (key.asymmetricKeyType === 'rsa') return strings(Buffer.from('ssh-rsa'), positive(bytes(e)), positive(bytes(n)))
  const curve = CURVES[crv]?.name
  if (curve === undefined) return undefined
  return strings(Buffer.from(`ecdsa-sha2-${curve}`), Buffer.from(curve), Buffer.concat([Buffer.from([4]), bytes(x), bytes(y)]))
}

function strings(...parts: Buffer[]): Buffer {
  return Buffer.concat(parts.flatMap((part) => [lengthOf(part), part]))
}

function lengthOf(part: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(part.length)
  return length
}

/** A number whose first bit is set would read as a negative one. */
function positive(bytes: Buffer): Buffer {
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes
}
