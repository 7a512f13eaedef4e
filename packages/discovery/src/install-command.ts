import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { readPackage } from './package-json.ts'
import { projectFolders, sourcesOf, userFolder } from './sources.ts'
import type { SourceOptions } from './sources.ts'

/** The command that adds a package where chaos will find it, in the words of the package manager that is used there. */
export function installCommand(packageName: string, sources: SourceOptions): string {
  const folders = projectFolders(sources.from)
  const [project] = folders
  if (project !== undefined) return `${adder(folders, project)} ${packageName}`
  const isGlobal = sourcesOf(sources).some(({ wants }) => wants === 'neighbours')
  if (isGlobal) return `npm install --global ${packageName}`
  return `npm install --prefix ${userFolder(sources.env)} ${packageName}`
}

function adder(folders: readonly string[], project: string): string {
  const root = folders.at(-1) ?? project
  const has = (file: string): boolean => folders.some((folder) => existsSync(path.join(folder, file)))
  const named = folders.map(packageManager).find((name) => name !== undefined)
  if (has('pnpm-lock.yaml') || named === 'pnpm') {
    // In the root of a workspace pnpm and Yarn classic want to be told that the root is meant.
    return existsSync(path.join(project, 'pnpm-workspace.yaml')) ? 'pnpm add -w' : 'pnpm add'
  }
  if (has('yarn.lock') || named === 'yarn') {
    return root === project && isClassic(root) && isYarnWorkspace(root) ? 'yarn add -W' : 'yarn add'
  }
  if (has('bun.lock') || has('bun.lockb') || named === 'bun') return 'bun add'
  return 'npm install'
}

/** `pnpm` of `"packageManager": "pnpm@10.34.8"`. */
function packageManager(folder: string): string | undefined {
  const read = readPackage(folder)
  const said: unknown = read.state === 'read' ? read.json.packageManager : undefined
  return typeof said === 'string' ? said.split('@')[0] : undefined
}

function isClassic(folder: string): boolean {
  const lockfile = path.join(folder, 'yarn.lock')
  return existsSync(lockfile) && readFileSync(lockfile, 'utf8').includes('# yarn lockfile v1')
}

function isYarnWorkspace(folder: string): boolean {
  const read = readPackage(folder)
  return read.state === 'read' && read.json.workspaces !== undefined
}
