import { randomBytes } from 'node:crypto'
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { ChaosError } from '@chaos/core'

/**
 * Puts another text in place of the one a file was read with: whole or not at all, with the same mode and owner. A file that
 * others changed meanwhile is left as they made it.
 */
export async function replaceFile(given: string, before: string, after: string): Promise<void> {
  // Behind a link stands the file that is meant.
  const file = await realpath(given)
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}~`)
  try {
    const { mode, uid, gid } = await stat(file)
    const made = await open(temporary, 'wx', 0o600)
    try {
      await made.writeFile(after)
      const own = await made.stat()
      if (own.uid !== uid || own.gid !== gid) await made.chown(uid, gid)
      await made.chmod(mode & 0o7777)
      await made.sync()
    } finally {
      await made.close()
    }
    if ((await readFile(file, 'utf8')) !== before) throw changedMeanwhile(file)
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error instanceof ChaosError ? error : notWritten(file, error as NodeJS.ErrnoException)
  }
}

/** A file that is not there yet; never over one. */
export async function createFile(file: string, text: string, mode: number): Promise<void> {
  let made: Awaited<ReturnType<typeof open>> | undefined
  try {
    made = await open(file, 'wx', mode)
    await made.writeFile(text)
    await made.sync()
  } catch (error) {
    if (made) await rm(file, { force: true })
    throw notWritten(file, error as NodeJS.ErrnoException)
  } finally {
    await made?.close()
  }
}

function changedMeanwhile(file: string): ChaosError {
  return new ChaosError('SECRETS_CHANGED', { message: `${file} was changed by somebody else meanwhile, and is left as it is now.`, hint: 'Do it again, on what stands there now.' })
}

function notWritten(file: string, { code }: NodeJS.ErrnoException): ChaosError {
  const why = code === 'ENOSPC' ? 'the disk is full' : code === 'EEXIST' ? 'it is there already' : code === 'EPERM' ? 'its owner cannot be kept' : (code ?? 'unknown reason')
  return new ChaosError('SECRETS_NOT_WRITTEN', { message: `${file} could not be written: ${why}. What was there is as it was.`, hint: 'Look at its folder: who may write there, and whether there is room.' })
}
