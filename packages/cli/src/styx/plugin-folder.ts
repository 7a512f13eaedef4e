import { existsSync } from 'node:fs'
import { cp, link, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ChaosError } from '@chaos/core'

/** What the folder of plugins is called while it is exchanged. */
const OLD = '.plugins-before'
const DRAFT = '.plugins-draft-'
const LOCK = '.plugins-lock'

/**
 * Changes the folder of plugins whole or not at all: `change` works on a copy of it, which takes its place when that is done. What a crash
 * between the two renames left is put back by the next one. One at a time.
 */
export async function exchange(given: string, change: (draft: string) => Promise<void>): Promise<void> {
  // Where it is a link, what it leads to is exchanged.
  const folder = await realpath(given).catch(() => given)
  try {
    await exchangeReal(folder, change)
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException
    if (cause instanceof ChaosError || code === undefined || syscall === undefined) throw cause
    throw new ChaosError('STYX_NOT_WRITTEN', { message: `${folder} cannot be changed: ${WHY[code] ?? code}.`, hint: 'Nothing was changed. CHAOS_PLUGIN_DIR names another folder.', cause })
  }
}

const WHY: Readonly<Record<string, string>> = {
  EACCES: 'it may not be written', EPERM: 'it may not be written', EROFS: 'its file system is read-only', ENOSPC: 'its disk is full', EDQUOT: 'its disk is full', ENOTDIR: 'something above it is no folder', EEXIST: 'something above it is no folder',
}

async function exchangeReal(folder: string, change: (draft: string) => Promise<void>): Promise<void> {
  const parent = path.dirname(folder)
  await mkdir(parent, { recursive: true, mode: 0o700 })
  const lock = path.join(parent, LOCK)
  await take(lock, folder)
  try {
    await recover(folder)
    const draft = await mkdtemp(path.join(parent, DRAFT))
    try {
      if (existsSync(folder)) await cp(folder, draft, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
      else await writeFile(path.join(draft, 'package.json'), `${JSON.stringify({ private: true, description: 'Plugins of chaos, kept by chaos styx.', dependencies: {} }, null, 2)}\n`)
      await change(draft)
      await swap(folder, draft)
    } catch (error) {
      await rm(draft, { recursive: true, force: true })
      throw error
    }
  } finally {
    await rm(lock, { force: true })
  }
}

/** A file with the number of the process, which is in it from the moment the file is there. One whose process is gone was left by a crash. */
async function take(lock: string, folder: string): Promise<void> {
  const mine = `${lock}-${process.pid}`
  await writeFile(mine, String(process.pid))
  try {
    for (let tries = 0; ; tries++) {
      try {
        return await link(mine, lock)
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
        const pid = Number(await readFile(lock, 'utf8').catch(() => ''))
        if (tries > 0 || runs(pid)) {
          throw new ChaosError('STYX_BUSY', { message: `Another styx (process ${pid}) is changing ${folder}.`, hint: `If none is: rm ${lock}`, cause })
        }
        await rm(lock, { force: true })
      }
    }
  } finally {
    await rm(mine, { force: true })
  }
}

function runs(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function swap(folder: string, draft: string): Promise<void> {
  const old = path.join(path.dirname(folder), OLD)
  const there = existsSync(folder)
  if (there) await rename(folder, old)
  try {
    await rename(draft, folder)
  } catch (error) {
    if (there) await rename(old, folder)
    throw error
  }
  await rm(old, { recursive: true, force: true })
}

/** After a crash: the old folder back where there is none, and drafts away. */
async function recover(folder: string): Promise<void> {
  const parent = path.dirname(folder)
  const old = path.join(parent, OLD)
  if (existsSync(old)) await (existsSync(folder) ? rm(old, { recursive: true, force: true }) : rename(old, folder))
  for (const name of await readdir(parent)) if (name.startsWith(DRAFT)) await rm(path.join(parent, name), { recursive: true, force: true })
}
