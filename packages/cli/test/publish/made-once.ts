import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * The folder `name` among those that test files of one run share: made by who wants it first, the others wait for it. What was not made whole
 * never has the name.
 */
export function madeOnce(name: string, make: (folder: string) => void): string {
  const shared = process.env['CHAOS_TEST_TARGETS']
  if (!shared) throw new Error('vitest must be started from the root of the repository, whose globalSetup names CHAOS_TEST_TARGETS.')
  mkdirSync(shared, { recursive: true })
  const made = path.join(shared, name)
  const lock = `${made}.lock`
  while (!existsSync(made)) {
    if (!take(lock)) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
      continue
    }
    try {
      if (existsSync(made)) break
      const draft = `${made}.new`
      rmSync(draft, { recursive: true, force: true })
      mkdirSync(draft)
      make(draft)
      renameSync(draft, made)
    } finally {
      rmSync(lock, { force: true })
    }
  }
  return made
}

function take(lock: string): boolean {
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
