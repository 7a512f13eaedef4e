import { createHash } from 'node:crypto'
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { join, relative } from 'node:path'

/**
 * A folder as it is, one line per entry: type, mode, owner, time of its last change, and what it holds. Two looks are
 * equal only if nothing at all was touched between them.
 */
export function treeOf(folder: string): string[] {
  const lines: string[] = []
  const look = (path: string): void => {
    const stat = lstatSync(path, { bigint: true })
    const entry = [relative(folder, path) || '.', stat.mode.toString(8), `${stat.uid}:${stat.gid}`, stat.mtimeNs, stat.ctimeNs]
    if (stat.isSymbolicLink()) entry.push(`→ ${readlinkSync(path)}`)
    if (stat.isFile()) entry.push(createHash('sha256').update(readFileSync(path)).digest('hex'))
    lines.push(entry.join(' '))
    if (stat.isDirectory()) for (const name of readdirSync(path).toSorted()) look(join(path, name))
  }
  look(folder)
  return lines
}
