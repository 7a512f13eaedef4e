import { readFile } from 'node:fs/promises'
import path from 'node:path'

/** A package as npm's lock has it; `inBundle`: it came inside of another one's tarball. */
interface Locked {
  readonly version?: string
  readonly inBundle?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** What npm chose for a plugin, by name and version, beyond the packages of chaos: no reviewed hash covers it. */
export async function besideOf(folder: string, plugin: string): Promise<readonly string[]> {
  const packages = await lockedIn(folder)
  const beside = new Map<string, string>()
  const met = new Set<string>()
  const walk = (key: string): void => {
    if (met.has(key)) return
    met.add(key)
    const { dependencies, optionalDependencies, peerDependencies } = packages[key] as Locked
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const found = name.startsWith('@chaos/') ? undefined : placeOf(name, key, packages)
      if (found === undefined) continue
      const { version = '', inBundle } = packages[found] as Locked
      if (inBundle !== true) beside.set(found, `${name} ${version}`)
      walk(found)
    }
  }
  const own = `node_modules/${plugin}`
  if (Object.hasOwn(packages, own)) walk(own)
  return [...beside.values()].toSorted()
}

/** What is there, as npm keeps it beside its files: by path below the folder. */
async function lockedIn(folder: string): Promise<Readonly<Record<string, Locked>>> {
  try {
    return (JSON.parse(await readFile(path.join(folder, 'node_modules/.package-lock.json'), 'utf8')) as { packages: Record<string, Locked> }).packages
  } catch {
    return {}
  }
}

/** Where a package finds another: inside of itself, or of what it is in. */
function placeOf(name: string, from: string, packages: Readonly<Record<string, Locked>>): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const key = `${at === '' ? '' : `${at}/`}node_modules/${name}`
    if (Object.hasOwn(packages, key)) return key
    if (at === '') return undefined
  }
}
