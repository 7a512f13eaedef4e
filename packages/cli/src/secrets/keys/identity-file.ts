import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { revealSecret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import type { PrivateFolder } from '../memory-folder.ts'
import { keyFolder } from './private-place.ts'

/**
 * Age identities as a file for a program that takes none otherwise: in memory, made when it is asked for. With what stands in the file
 * that `SOPS_AGE_KEY_FILE` names now, because it takes its place.
 */
export function identityFile(text: Secret): { path(): string; remove(): void } {
  let folder: PrivateFolder | undefined
  return {
    path() {
      const made = (folder ??= keyFolder({ name: 'chaos-age-' }))
      const file = path.join(made.path, 'keys.txt')
      writeFileSync(file, `${ownFile()}${revealSecret(text)}\n`, { mode: 0o600 })
      return file
    },
    remove: () => folder?.remove(),
  }
}

/** A file that is not there, or locked with a passphrase, would keep the other keys from being used. */
function ownFile(): string {
  const { SOPS_AGE_KEY_FILE: file } = process.env
  if (!file) return ''
  try {
    const text = readFileSync(file, 'utf8')
    return text.includes('AGE-SECRET-KEY-') ? `${text}\n` : ''
  } catch {
    return ''
  }
}
