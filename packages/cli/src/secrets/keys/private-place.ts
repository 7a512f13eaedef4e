import { ChaosError } from '@chaos/core'
import { memory, privateFolder } from '../memory-folder.ts'
import type { PrivateFolder, PrivateFolderOptions } from '../memory-folder.ts'

/** A folder in memory for keys, which are put on no disk. Throws KEY_NO_MEMORY. */
export function keyFolder(options: Omit<PrivateFolderOptions, 'parent'>): PrivateFolder {
  const parent = memory()
  if (parent === undefined) throw noPlace('there is no /dev/shm that is kept in memory, and keys of providers are not put on a disk', 'Import it where it may stay: chaos secrets import')
  try {
    return privateFolder({ parent, ...options })
  } catch (error) {
    throw noPlace(`no private folder can be made in ${parent}: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}`, 'Look at who may write there, and whether there is room.')
  }
}

function noPlace(why: string, hint: string): ChaosError {
  return new ChaosError('KEY_NO_MEMORY', { message: `The key cannot be used: ${why}.`, hint })
}
