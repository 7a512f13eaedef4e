import { existsSync } from 'node:fs'
import { chmod, readFile } from 'node:fs/promises'
import { ChaosError, revealSecret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { askYesNo, canAsk } from '../../prompt.ts'
import { createFile, replaceFile } from '../write.ts'

/** Writes a key to a file that only the user can read. Over another only with consent; false when it was refused. Throws KEY_EXISTS. */
export async function keepKey(file: string, key: Secret, { yes }: { yes: boolean }): Promise<boolean> {
  const text = revealSecret(key).replace(/\n*$/, '\n')
  if (!existsSync(file)) {
    await createFile(file, text, 0o600)
    return true
  }
  if (!yes && !canAsk()) throw new ChaosError('KEY_EXISTS', { message: `${file} is there already, and there is nobody to ask whether it may be replaced.`, hint: 'Name another with --output (-o), or say --yes (-y) if it may.' })
  if (!yes && (await askYesNo(`Replace ${file}? The key in it is lost.`, { initial: false })) !== true) return false
  await chmod(file, 0o600)
  await replaceFile(file, await readFile(file, 'utf8'), text)
  return true
}
