import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { packageFolder } from './package-folder.ts'
import type { FoundFolder } from './package-folder.ts'
import { dependencyNames, readPackage } from './package-json.ts'
import { conditionsOf, resolveExport } from './resolve-export.ts'
import { projectFolders } from './sources.ts'
import { trustOf } from './trust.ts'

const CLI = '@chaos/cli'

/**
 * The main module of the project's own CLI, when the project has one that is another copy than ours:
 * a global `chaos` imports it and hands over, so that a project's version does a project's work.
 * `from` is the folder of the Ch-obolo, `ownFolder` that of the CLI's package that asks. Undefined = go on yourself,
 * also where another user may write what would be run.
 */
export function projectCli(from: string, ownFolder: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const trust = trustOf(env)
  for (const project of projectFolders(from)) {
    const read = readPackage(project)
    if (read.state !== 'read' || !dependencyNames(read.json, ['dependencies', 'optionalDependencies', 'devDependencies']).includes(CLI)) continue
    const found = folderOf(project)
    if (!found) continue
    const folder = realpathSync(found.folder)
    if (folder === realpathSync(ownFolder)) return undefined
    const paths = [project, path.join(project, 'package.json'), found.nodeModules, folder, path.join(folder, 'package.json')]
    if (paths.some((each) => each !== undefined && existsSync(each) && trust(each))) return undefined
    return resolveExport(folder, '.', conditionsOf([]))
  }
  return undefined
}

/** One that cannot be looked into is none: what is wrong with it is told by those who look for plugins. */
function folderOf(project: string): FoundFolder | undefined {
  try {
    return packageFolder(CLI, project)
  } catch {
    return undefined
  }
}
