import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ChaosError } from '@chaos/core'

/** A plugin that styx installed, as its lock file remembers it. */
export interface Installed {
  readonly package: string
  readonly version: string
  /** `sha512-…` of the tarball. */
  readonly integrity: string
  /** Where the tarball came from: npm, a URL or a path. */
  readonly from: string
  /** The registry that named it. */
  readonly registry: string
}

/** By title. */
export type LockFile = Readonly<Record<string, Installed>>

const NAME = 'styx-lock.json'

export async function readLock(folder: string): Promise<LockFile> {
  const file = path.join(folder, NAME)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw broken(file, error.message)
  })
  if (text === undefined) return {}
  try {
    const { version, plugins } = JSON.parse(text) as { version?: unknown; plugins?: unknown }
    if (version === 1 && typeof plugins === 'object' && plugins !== null) return { ...(plugins as LockFile) }
  } catch {
    // Told below.
  }
  throw broken(file, 'it is not as styx writes it')
}

export async function writeLock(folder: string, plugins: LockFile): Promise<void> {
  const sorted = Object.fromEntries(Object.entries(plugins).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  await writeFile(path.join(folder, NAME), `${JSON.stringify({ version: 1, plugins: sorted }, null, 2)}\n`)
}

/** Where the tarball of an installed plugin lies, relative to the folder. */
export function tarballOf({ package: name, version }: Pick<Installed, 'package' | 'version'>): string {
  return `tarballs/${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`
}

function broken(file: string, why: string): ChaosError {
  return new ChaosError('STYX_LOCK', { message: `${file} cannot be read: ${why}.`, hint: 'Put it right, or take the folder away and invoke the plugins anew.' })
}
