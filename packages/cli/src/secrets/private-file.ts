import { readFile, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { ChaosError, revealSecret, secret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { memory, privateFolder } from './memory-folder.ts'
import type { PrivateFolder } from './memory-folder.ts'

export interface PrivateFile {
  readonly path: string
  write(text: Secret): Promise<void>
  read(): Promise<Secret>
  /** With its folder, and what an editor left there. */
  remove(): Promise<void>
}

/** A file that only this user can read, in memory; on the disk only where that is allowed. `name` is that of the file it stands for, for the editor. */
export async function privateFile(name: string, { allowDisk }: { allowDisk: boolean }): Promise<PrivateFile> {
  const folder = secretsFolder({ allowDisk })
  const file = path.join(folder.path, path.basename(name))
  return {
    path: file,
    write: (text) => writeFile(file, revealSecret(text), { mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
      throw new ChaosError('SECRETS_EDITOR', { message: `The text cannot be put where an editor finds it, in ${folder.path}: ${error.code ?? 'unknown reason'}.`, hint: 'Look at whether there is room.' })
    }),
    async read() {
      const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
        throw new ChaosError('SECRETS_EDITOR', { message: `The editor left no file that can be read: ${error.code ?? 'unknown reason'}. The secrets are as they were.`, hint: 'Write it where the editor found it.' })
      })
      try {
        return secret(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
      } catch {
        throw new ChaosError('SECRETS_EDITOR', { message: 'What the editor wrote is no text in UTF-8. The secrets are as they were.', hint: 'Bytes are kept in base64.' })
      }
    },
    remove: async () => folder.remove(),
  }
}

/** A folder that only this user can enter, in memory; on the disk only where that is allowed. */
export function secretsFolder({ allowDisk }: { allowDisk: boolean }): PrivateFolder {
  const parent = memory() ?? (allowDisk ? os.tmpdir() : undefined)
  if (parent === undefined) {
    throw new ChaosError('SECRETS_NO_MEMORY', { message: 'There is no /dev/shm that is kept in memory, and secrets in clear are not put on a disk.', hint: 'Change single values with `chaos secrets set`, or allow the disk with --allow-disk.' })
  }
  try {
    return privateFolder({ parent, name: 'chaos-edit-' })
  } catch (error) {
    throw new ChaosError('SECRETS_NO_MEMORY', { message: `No private folder can be made in ${parent}: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}.`, hint: 'Look at who may write there, and whether there is room.' })
  }
}
