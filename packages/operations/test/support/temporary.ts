import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'

/** A directory of the test's own that is gone afterwards. */
export function temporaryDirectories(): () => string {
  const made: string[] = []
  afterEach(() => {
    for (const each of made.splice(0)) rmSync(each, { recursive: true, force: true })
  })
  return () => {
    const directory = mkdtempSync(join(realpathSync(tmpdir()), 'chaos-operations-'))
    made.push(directory)
    return directory
  }
}
