import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fits } from './patterns.ts'

/** The files that an absolute path with `*` and `?` in it names, in the order of their names. */
export async function filesOf(pattern: string): Promise<string[]> {
  let found = ['/']
  for (const part of pattern.split('/').filter(Boolean)) {
    // Without a wildcard there is nothing to look up, and a folder that may not be listed does no harm.
    if (!/[*?]/.test(part)) found = found.map((folder) => join(folder, part))
    else found = (await Promise.all(found.map((folder) => matching(folder, part)))).flat()
  }
  return found
}

async function matching(folder: string, pattern: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => (pattern.startsWith('.') || !name.startsWith('.')) && fits(name, pattern)).toSorted().map((name) => join(folder, name))
}
