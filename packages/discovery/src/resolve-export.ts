import { statSync } from 'node:fs'
import path from 'node:path'
import { isRecord, readPackage } from './package-json.ts'

/**
 * The file behind an export of the package in `folder`: `.` or `./subpath`. Undefined when it exports no such thing.
 * Read by ourselves because `createRequire` sees no `import` condition and needs no less than a package.json that is
 * itself exported, and `import.meta.resolve` of Node 20 cannot start elsewhere.
 */
export function resolveExport(folder: string, subpath: string, conditions: ReadonlySet<string>): string | undefined {
  const read = readPackage(folder)
  if (read.state !== 'read') return undefined
  const { exports, main } = read.json
  if (exports === undefined || exports === null) return legacyFile(folder, subpath === '.' ? (main ?? 'index.js') : subpath)
  const target = matching(exports, subpath)
  const relative = target && chosen(target.value, conditions)
  if (!relative?.startsWith('./')) return undefined
  const file = path.join(folder, relative.replaceAll('*', target?.star ?? ''))
  // A target may not lead out of its package.
  return file.startsWith(folder + path.sep) && isFile(file) ? file : undefined
}

/** The conditions Node itself resolves an import with, after those that are asked for. */
export function conditionsOf(asked: readonly string[]): ReadonlySet<string> {
  // Run from source, as in tests, we load others of our own packages from source too.
  const own = import.meta.url.endsWith('.ts') ? ['@chaos/source'] : []
  return new Set([...own, ...asked, 'node', 'import', 'module-sync', 'default'])
}

interface ExportTarget {
  value: unknown
  /** What `*` stands for. */
  star?: string
}

function matching(exports: unknown, subpath: string): ExportTarget | undefined {
  const isMap = isRecord(exports) && Object.keys(exports).some((key) => key.startsWith('.'))
  if (!isMap) return subpath === '.' ? { value: exports } : undefined
  if (Object.hasOwn(exports, subpath) && !subpath.includes('*')) return { value: exports[subpath] }
  let best: { key: string; star: string } | undefined
  for (const key of Object.keys(exports)) {
    const [before, after, more] = key.split('*')
    if (before === undefined || after === undefined || more !== undefined) continue
    if (!subpath.startsWith(before) || !subpath.endsWith(after) || subpath.length <= before.length + after.length) continue
    if (best && !isMoreSpecific(key, best.key)) continue
    best = { key, star: subpath.slice(before.length, subpath.length - after.length) }
  }
  return best && { value: exports[best.key], star: best.star }
}

/** As Node orders patterns: the longer part before the star wins, then the longer pattern. */
function isMoreSpecific(key: string, other: string): boolean {
  return key.indexOf('*') - other.indexOf('*') > 0 || (key.indexOf('*') === other.indexOf('*') && key.length > other.length)
}

/** The first target whose conditions hold. `null` closes a subpath. */
function chosen(target: unknown, conditions: ReadonlySet<string>): string | null | undefined {
  if (typeof target === 'string' || target === null) return target
  if (Array.isArray(target)) {
    for (const each of target) {
      const found = chosen(each, conditions)
      if (found) return found
    }
    return undefined
  }
  if (!isRecord(target)) return undefined
  for (const [condition, inner] of Object.entries(target)) {
    if (!conditions.has(condition)) continue
    const found = chosen(inner, conditions)
    if (found !== undefined) return found
  }
  return undefined
}

/** A package without `exports`: any of its files may be named, and endings may be left out. */
function legacyFile(folder: string, relative: string): string | undefined {
  const file = path.join(folder, relative)
  return [file, `${file}.js`, `${file}.mjs`, `${file}.cjs`, path.join(file, 'index.js')].find(
    (each) => each.startsWith(folder + path.sep) && isFile(each),
  )
}

function isFile(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false
  } catch {
    // A link that leads to itself, a folder that we may not enter.
    return false
  }
}
