import { createHash } from 'node:crypto'

/** sha256('sops'): what the hash begins with when it counts encrypted values alone, so that the two kinds never look alike. */
const ONLY_ENCRYPTED = createHash('sha256').update('sops').digest()

/** The hash of all values in their order, over which sops seals a file. Keys and comments are not in it; paths seal the values one by one. */
export function valueHash(onlyEncrypted: boolean): { add(text: string, encrypted: boolean): void; digest(): string } {
  const hash = createHash('sha512')
  if (onlyEncrypted) hash.update(ONLY_ENCRYPTED)
  return {
    add(text, encrypted) {
      if (encrypted || !onlyEncrypted) hash.update(text, 'utf8')
    },
    digest: () => hash.digest('hex').toUpperCase(),
  }
}
