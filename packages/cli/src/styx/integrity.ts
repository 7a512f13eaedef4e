import { createHash } from 'node:crypto'
import { ChaosError } from '@chaos/core'

/** What stands for a tarball: Subresource Integrity as npm writes it, or a SHA-256 as `sha256sum` prints it. */
export const HASH = /^(sha512-[A-Za-z0-9+/]{86}==|[0-9a-f]{64})$/

/** `sha512-…` of bytes. */
export function integrityOf(bytes: Uint8Array): string {
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}`
}

/** Refuses bytes that are not those that were reviewed. */
export function checkHash(bytes: Uint8Array, hash: string, what: string): void {
  const found = hash.startsWith('sha512-') ? integrityOf(bytes) : createHash('sha256').update(bytes).digest('hex')
  if (found === hash) return
  throw new ChaosError('STYX_HASH', {
    message: `${what} is not what was reviewed: the registry says ${hash}, and this is ${found}.`,
    hint: 'Nothing of it was unpacked or run, and nothing was changed. Tell who keeps the registry.',
    details: { expected: hash, found },
  })
}
