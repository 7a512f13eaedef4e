import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ChaosError } from '@chaos/core'
import * as z from '@chaos/operations/zod'
import { PACKAGE_NAME, TITLE, VERSION } from './names.ts'

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

/** It names files that are removed and packages that npm is told of: what styx did not write is not believed. */
const schema = z.object({
  version: z.literal(1),
  plugins: z.record(
    z.string().regex(TITLE),
    z.object({ package: z.string().regex(PACKAGE_NAME), version: z.string().regex(VERSION), integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/), from: z.string(), registry: z.string() }),
  ),
})

export async function readLock(folder: string): Promise<LockFile> {
  const file = path.join(folder, NAME)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw broken(file, error.message)
  })
  if (text === undefined) return {}
  const read = schema.safeParse(parsed(text))
  if (read.success) return read.data.plugins
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

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
