import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { isChaosError } from '@chaos/core'
import { tarballOf } from './installed.ts'
import type { Installed } from './installed.ts'
import { checkHash } from './integrity.ts'
import { readTarball } from './tarball.ts'

/** Notes what is not as it was installed: the tarball, and the files in use. */
export async function checkFiles(folder: string, installed: Installed, notes: string[]): Promise<void> {
  try {
    const bytes = await readFile(path.join(folder, tarballOf(installed)))
    checkHash(bytes, installed.integrity, tarballOf(installed))
    const { files } = await readTarball(bytes, tarballOf(installed))
    for (const { path: file, sha256 } of files) {
      const there = await readFile(path.join(folder, 'node_modules', installed.package, file)).catch(() => undefined)
      if (there === undefined) notes.push(`${file} is missing`)
      else if (createHash('sha256').update(there).digest('hex') !== sha256) notes.push(`${file} is not as it was installed`)
    }
    for (const file of await filesBelow(path.join(folder, 'node_modules', installed.package))) if (!files.some((each) => each.path === file)) notes.push(`${file} was not installed`)
  } catch (error) {
    notes.push(isChaosError(error) ? error.message : `${tarballOf(installed)} cannot be read`)
  }
}

/** All but the dependencies that npm put inside. */
async function filesBelow(folder: string, below = ''): Promise<string[]> {
  const entries = await readdir(path.join(folder, below), { withFileTypes: true }).catch(() => [])
  const own = entries.filter((each) => !(below === '' && each.name === 'node_modules'))
  const found = own.map(async (each) => (each.isDirectory() ? filesBelow(folder, `${below}${each.name}/`) : [`${below}${each.name}`]))
  return (await Promise.all(found)).flat()
}
