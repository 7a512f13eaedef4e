import { readFileSync, rmSync, writeFileSync } from 'node:fs'

/** Makes the file, with the number of this process in it; false where another process has it. That of one that has ended is taken away. */
export function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (!runs(lock)) rmSync(lock, { force: true })
    return false
  }
}

/** False of one that was left by a run that was killed. */
function runs(lock: string): boolean {
  try {
    return process.kill(Number(readFileSync(lock, 'utf8')), 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
