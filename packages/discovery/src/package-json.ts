import { readFileSync } from 'node:fs'
import path from 'node:path'

export interface PackageJson {
  name?: string
  version?: unknown
  main?: string
  exports?: unknown
  chaos?: unknown
  workspaces?: unknown
  packageManager?: string
  dependencies?: Readonly<Record<string, string>>
  optionalDependencies?: Readonly<Record<string, string>>
  devDependencies?: Readonly<Record<string, string>>
}

export type ReadPackage =
  | { state: 'read'; json: PackageJson }
  | { state: 'absent' }
  /** It is there and cannot be used. */
  | { state: 'unreadable'; reason: string }

/** Reads the `package.json` of a folder. */
export function readPackage(folder: string): ReadPackage {
  try {
    const json: unknown = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8').replace(/^\uFEFF/, ''))
    return isRecord(json) ? { state: 'read', json: json } : { state: 'unreadable', reason: 'it is not a JSON object' }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? { state: 'absent' } : { state: 'unreadable', reason: message }
  }
}

/** The folder and all above it, the nearest first. */
export function* upwards(folder: string): Generator<string> {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    yield at
    if (path.dirname(at) === at) return
  }
}

/** The nearest folder, from this one upwards, that has a `package.json`. */
export function nearestPackage(folder: string): string | undefined {
  for (const at of upwards(folder)) if (readPackage(at).state !== 'absent') return at
  return undefined
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The names in one or several dependency fields; a field that is no object counts as empty. */
export function dependencyNames(json: PackageJson, fields: readonly ('dependencies' | 'optionalDependencies' | 'devDependencies')[]): string[] {
  return [...new Set(fields.flatMap((field) => (isRecord(json[field]) ? Object.keys(json[field]) : [])))]
}
