import { readFile, stat } from 'node:fs/promises'
import { localUser } from '../paths.ts'
import { refused } from '../refused.ts'

/** The text of a file, undefined without one. `guarded`: it must be the user's own alone, because it may hold commands. */
export async function readGuarded(file: string, guarded: boolean): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined || !guarded) return text
  const { uid, mode } = await stat(file)
  if ((uid === 0 || uid === localUser().id) && (mode & 0o022) === 0) return text
  throw refused('SSH_CONFIG', `The configuration file ${file} can be written by other users.`, `It may hold commands: chmod go-w ${file}, and make it yours.`, { file })
}
