import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { conventionalName } from './groups.ts'
import { readManifest } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import { packageFolder } from './package-folder.ts'
import { dependencyNames, readPackage } from './package-json.ts'
import { badManifest, notInstalled, unreadable, untrusted } from './problem.ts'
import type { Problem } from './problem.ts'
import { neighbours } from './sources.ts'
import type { Source, SourceName } from './sources.ts'
import type { Trust } from './trust.ts'

/** A package that carries plugins. */
export interface PluginPackage {
  name: string
  version: string | undefined
  /** Its real path. */
  folder: string
  source: SourceName
  /** The package that lends it, when nobody asked for it directly. */
  lender?: string
}

/** A copy of a package that is not used, because an earlier source has one. */
export interface Shadowed extends PluginPackage {
  /** The folder of the copy that is used. */
  by: string
}

export interface Collected {
  packages: (PluginPackage & { manifest: Manifest })[]
  shadowed: Shadowed[]
  problems: Problem[]
}

/** Somebody's wish for a package. */
interface Wish {
  name: string
  /** The folder whose dependency it is. */
  from: string
  source: SourceName
  lender?: string
  /** Optional and development dependencies may be left out of an installation. */
  required: boolean
}

/** Reads all candidates of the sources, in order; the first that has a package wins. */
export function collectPackages(sources: readonly Source[], trust: Trust): Collected {
  const collected: Collected = { packages: [], shadowed: [], problems: [] }
  const used = new Map<string, PluginPackage>()
  const refused = new Set<string>()

  /** Whether the paths are ours alone; the first that is not becomes a problem, once. */
  const ours = (source: SourceName, ...paths: string[]): boolean =>
    paths.every((each) => {
      const reason = trust(each)
      if (reason && !refused.has(each)) collected.problems.push(untrusted(each, reason, source))
      if (reason) refused.add(each)
      return !reason
    })

  const wishesOf = ({ name: source, folder, wants }: Source): Wish[] => {
    if (!existsSync(folder) || !ours(source, folder, ...(wants === 'dependencies' ? [path.join(folder, 'package.json')] : []))) return []
    try {
      if (wants === 'neighbours') return neighbours(folder).map((name) => ({ name, from: folder, source, required: false }))
    } catch (error) {
      collected.problems.push(unreadable(folder, (error as Error).message, source))
      return []
    }
    const read = readPackage(folder)
    if (read.state === 'unreadable') collected.problems.push(unreadable(path.join(folder, 'package.json'), read.reason, source))
    if (read.state !== 'read') return []
    // The development dependencies of an installed package are nobody's wish.
    const names = dependencyNames(read.json, source === 'cli' ? ['dependencies', 'optionalDependencies'] : ['dependencies', 'optionalDependencies', 'devDependencies'])
    const required = new Set(dependencyNames(read.json, ['dependencies']))
    return names.map((name) => ({ name, from: folder, source, required: required.has(name) }))
  }

  /** Takes a package in, and answers with what it lends. */
  const take = ({ name, from, source, lender, required }: Wish): Wish[] => {
    let found
    try {
      found = packageFolder(name, from)
    } catch (error) {
      // A folder that we may not enter, or a link that leads to itself.
      if (conventionalName(name)) collected.problems.push(unreadable(path.join(from, 'node_modules', name), (error as NodeJS.ErrnoException).code ?? 'unknown reason', source))
      return []
    }
    if (!found) {
      if (required && conventionalName(name)) {
        const plugAndPlay = !process.versions.pnp && existsSync(path.join(from, '.pnp.cjs'))
        collected.problems.push(notInstalled(name, from, plugAndPlay))
      }
      return []
    }
    const read = readPackage(found.folder)
    if (read.state !== 'read' && conventionalName(name)) {
      collected.problems.push(unreadable(path.join(found.folder, 'package.json'), read.state === 'absent' ? 'there is none' : read.reason, source))
    }
    const manifest = read.state === 'read' ? readManifest(name, read.json, found.folder) : undefined
    if (read.state !== 'read' || !manifest) return []

    const folder = realpathSync(found.folder)
    const about: PluginPackage = { name, version: typeof read.json.version === 'string' ? read.json.version : undefined, folder, source }
    if (lender !== undefined) about.lender = lender
    const earlier = used.get(name)
    if (earlier) {
      if (earlier.folder !== folder) collected.shadowed.push({ ...about, by: earlier.folder })
      return []
    }
    if (!ours(source, ...(found.nodeModules ? [found.nodeModules] : []), folder, path.join(folder, 'package.json'))) return []
    used.set(name, about)
    collected.packages.push({ ...about, manifest })
    collected.problems.push(...manifest.problems)

    const own = new Set(dependencyNames(read.json, ['dependencies', 'optionalDependencies']))
    return manifest.uses.flatMap((lent): Wish[] => {
      if (own.has(lent)) return [{ name: lent, from: folder, source, lender: name, required: true }]
      collected.problems.push(badManifest(name, folder, `that it lends ${lent}, which is not among its dependencies`, `Add ${lent} to its dependencies.`))
      return []
    })
  }

  for (const source of sources) {
    // What is asked for directly comes before what is lent.
    for (let wishes = wishesOf(source); wishes.length > 0; ) wishes = wishes.flatMap(take)
  }
  return collected
}
