import { readFile } from 'node:fs/promises'
import { ChaosError } from '@chaos/core'
import { inspectSops } from '@chaos/sops'
import type { Keys } from '@chaos/sops'
import { ageIdentities } from './identities.ts'
import { runProgram } from './run-program.ts'

/** The text of a secrets file, which is encrypted. */
export async function readSecretsFile(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ChaosError('SECRETS_FILE', {
      message: `The secrets file ${file} cannot be read: ${error.code === 'ENOENT' ? 'it is not there' : (error.code ?? 'unknown reason')}.`,
      hint: 'Name another with --secrets-file (-sf) or `chaos set secrets FILE`, or make a first one with `chaos init secrets`.',
    })
  })
}

/** What opens a file: the user's identities where it has age recipients, and gpg. */
export async function keysFor(text: string, file: string): Promise<Keys> {
  const age = inspectSops(text, { file }).groups.some((group) => group.some(({ kind }) => kind === 'age'))
  return { run: runProgram, identities: age ? await ageIdentities() : [] }
}
