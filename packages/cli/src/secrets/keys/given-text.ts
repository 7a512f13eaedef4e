import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { ChaosError, secret } from '@chaos/core'
import type { Secret } from '@chaos/core'

/** The text of a key file; without one what is piped. Undefined where there is neither. Throws KEY_FILE, USAGE. */
export async function givenText(file: string | undefined): Promise<{ text: Secret; from: string } | undefined> {
  if (file !== undefined) return { text: await fileText(file), from: file }
  if (process.stdin.isTTY) return undefined
  const text = decoded(await buffer(process.stdin), 'What stands on stdin')
  if (text.trim() === '') throw new ChaosError('USAGE', { message: 'No key is given: nothing stands on stdin.', hint: 'Name a file with --key-file (-k), or pipe the key.' })
  return { text: secret(text), from: 'The key on stdin' }
}

export async function fileText(file: string): Promise<Secret> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new ChaosError('KEY_FILE', { message: `The key file ${file} cannot be read: ${error.code === 'ENOENT' ? 'it is not there' : (error.code ?? 'unknown reason')}.`, hint: 'Name another with --key-file (-k).' })
  })
  return secret(decoded(bytes, file))
}

function decoded(bytes: Uint8Array, from: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ChaosError('KEY_FILE', { message: `${from} is no text in UTF-8.`, hint: 'Private PGP keys are given armoured: gpg --armor --export-secret-keys' })
  }
}
