import { chmod, mkdtemp, readdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { ChaosError, revealSecret, secret } from '@chaos/core'
import type { Secret } from '@chaos/core'

const MEMORY = '/dev/shm'
/** Of tmpfs and ramfs in statfs(2). */
const IN_MEMORY = [0x01021994, 0x858458f6]
const NAME = 'chaos-edit-'

export interface PrivateFile {
  readonly path: string
  write(text: Secret): Promise<void>
  read(): Promise<Secret>
  /** With its folder, and what an editor left there. */
  remove(): Promise<void>
}

/** A file that only this user can read, in memory; on the disk only where that is allowed. `name` is that of the file it stands for, for the editor. */
export async function privateFile(name: string, { allowDisk }: { allowDisk: boolean }): Promise<PrivateFile> {
  const folder = await privateFolder(allowDisk)
  const file = path.join(folder, path.basename(name))
  return {
    path: file,
    write: (text) => writeFile(file, revealSecret(text), { mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
      throw new ChaosError('SECRETS_EDITOR', { message: `The text cannot be put where an editor finds it, in ${folder}: ${error.code ?? 'unknown reason'}.`, hint: 'Look at whether there is room.' })
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
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function privateFolder(allowDisk: boolean): Promise<string> {
  const memory = await statfs(MEMORY).then(({ type }) => IN_MEMORY.includes(type), () => false)
  if (!memory && !allowDisk) {
    throw new ChaosError('SECRETS_NO_MEMORY', { message: `There is no ${MEMORY} that is kept in memory, and secrets in clear are not put on a disk.`, hint: 'Change single values with `chaos secrets set`, or allow the disk with --allow-disk.' })
  }
  const parent = memory ? MEMORY : os.tmpdir()
  await sweep(parent)
  const folder = await mkdtemp(path.join(parent, `${NAME}${process.pid}-`)).catch((error: NodeJS.ErrnoException) => {
    throw new ChaosError('SECRETS_NO_MEMORY', { message: `No private folder can be made in ${parent}: ${error.code ?? 'unknown reason'}.`, hint: 'Look at who may write there, and whether there is room.' })
  })
  await chmod(folder, 0o700)
  return folder
}

/** Takes away what edits left that were killed. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = new RegExp(`^${NAME}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    const folder = path.join(parent, name)
    const own = await stat(folder).then(({ uid }) => uid === process.getuid?.(), () => false)
    if (own) await rm(folder, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
