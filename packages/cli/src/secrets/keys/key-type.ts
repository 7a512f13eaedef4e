import { ChaosError } from '@chaos/core'

/** Kinds of keys that are kept with a provider. */
export const KEY_TYPES = ['age', 'gpg', 'vault'] as const
export type KeyType = (typeof KEY_TYPES)[number]

export function isKeyType(word: string): word is KeyType {
  return (KEY_TYPES as readonly string[]).includes(word)
}

const NO_IMPORT = '# NO-IMPORT'

/** A line that may stand anywhere in a stored text; some providers indent it. */
export function mayBeImported(text: string): boolean {
  return !text.split('\n').some((line) => line.trim() === NO_IMPORT)
}

export function withoutImport(text: string): string {
  return mayBeImported(text) ? `${NO_IMPORT}\n${text}` : text
}

/** What is wrong with the text of a key. Never what it holds. */
export function wrongKey(from: string, why: string, hint: string): ChaosError {
  return new ChaosError('KEY_TEXT', { message: `${from}: ${why}.`, hint })
}

/** What in the text of a key is secret by itself: a word of it alone tells as much as the whole. */
export function secretWords(text: string): string[] {
  return [...text.matchAll(/AGE-SECRET-KEY-[A-Z0-9-]+|(?<=^\s*Vault Key:\s*)\S+/gm)].map(([word]) => word)
}
