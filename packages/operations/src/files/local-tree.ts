import type { Host } from '@chaos/core'
import { localError } from './source.ts'

/** A file or folder of the controller, below the tree's root. */
export interface LocalEntry {
  /** Relative, without a leading slash. */
  readonly path: string
  readonly type: 'file' | 'directory'
  readonly local: string
  /** Files only. */
  readonly sha256: string
}

/** All files and folders below a folder of the controller; symlinks are followed, and everything else is left out. */
export function localTree(root: string, exclude: readonly string[], host: Host): Promise<readonly LocalEntry[]> {
  return host.local.hold(async () => {
    const [{ createHash }, { createReadStream }, { readdir, stat }, { join }] = await Promise.all([
      import('node:crypto'), import('node:fs'), import('node:fs/promises'), import('node:path'),
    ])
    const leftOut = exclude.map(patternOf)
    const entries: LocalEntry[] = []

    async function hashOf(local: string): Promise<string> {
      const hash = createHash('sha256')
      for await (const chunk of createReadStream(local)) hash.update(chunk as Uint8Array)
      return hash.digest('hex')
    }

    async function walk(at: string): Promise<void> {
      for (const name of (await readdir(join(root, at))).toSorted()) {
        const path = at === '' ? name : `${at}/${name}`
        if (leftOut.some((pattern) => pattern.test(path) || pattern.test(name))) continue
        const local = join(root, path)
        const found = await stat(local)
        if (found.isDirectory()) {
          entries.push({ path, type: 'directory', local, sha256: '' })
          await walk(path)
        } else if (found.isFile()) entries.push({ path, type: 'file', local, sha256: await hashOf(local) })
      }
    }

    try {
      await walk('')
      return entries
    } catch (cause) {
      throw localError(root, cause)
    }
  })
}

/** `*` and `?` as in a shell, within one name; `**` over folders. */
export function patternOf(glob: string): RegExp {
  const source = glob.replaceAll(/\*\*|[*?]|[^*?]+/g, (part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part === '?' ? '[^/]' : part.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')))
  return new RegExp(`^${source}$`)
}
