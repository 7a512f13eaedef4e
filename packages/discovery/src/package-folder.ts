import { statSync } from 'node:fs'
import nodeModule from 'node:module'
import path from 'node:path'
import { upwards } from './package-json.ts'

/** The part of Yarn's Plug'n'Play interface that is used. */
export interface PnpApi {
  resolveToUnqualified(request: string, issuer: string): string | null
}

export interface FoundFolder {
  /** As found, not through its symlinks. */
  folder: string
  /** Where it was found; none with Plug'n'Play. */
  nodeModules?: string
}

/** Finds the folder of a dependency of the package in `from`. Throws what the system says of a folder that it cannot look into. */
export function packageFolder(name: string, from: string): FoundFolder | undefined {
  const pnp = pnpFor(from)
  return pnp ? throughPnp(pnp, name, from) : throughNodeModules(name, from)
}

/** Plug'n'Play has no node_modules: in a process that Yarn started, it is asked. */
function pnpFor(from: string): PnpApi | undefined {
  if (!process.versions.pnp) return undefined
  const { findPnpApi } = nodeModule as unknown as { findPnpApi?: (path: string) => PnpApi | null }
  return findPnpApi?.(path.join(from, 'package.json')) ?? undefined
}

export function throughPnp(pnp: PnpApi, name: string, from: string): FoundFolder | undefined {
  try {
    const folder = pnp.resolveToUnqualified(name, from + path.sep)
    return folder ? { folder: path.resolve(folder) } : undefined
  } catch {
    // It throws for what is not a dependency, which is our question.
    return undefined
  }
}

function throughNodeModules(name: string, from: string): FoundFolder | undefined {
  for (const at of upwards(from)) {
    if (path.basename(at) === 'node_modules') continue
    const nodeModules = path.join(at, 'node_modules')
    const folder = path.join(nodeModules, name)
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return { folder, nodeModules }
  }
  return undefined
}
