import { createHash } from 'node:crypto'

const TYPE = /^[a-z0-9][a-z0-9@.-]{0,63}$/

/** `SHA256:…` as ssh prints it. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** The type that a key's blob begins with: `ssh-ed25519`. Undefined when it is none, as a hostile host may send. */
export function keyType(key: Uint8Array): string | undefined {
  if (key.length < 4) return undefined
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.length)
  const length = bytes.readUInt32BE(0)
  if (length > key.length - 4) return undefined
  const type = bytes.toString('latin1', 4, 4 + length)
  return TYPE.test(type) ? type : undefined
}
