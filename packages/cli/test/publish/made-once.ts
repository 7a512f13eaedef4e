import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { takeLock } from '../file-lock.ts'

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
    if (!takeLock(lock)) {
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
