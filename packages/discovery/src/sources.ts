import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { isRecord, nearestPackage, readPackage, upwards } from './package-json.ts'

export type SourceName = 'project' | 'user' | 'installation' | 'cli'

/** A place whose direct dependencies are candidates. */
export type Source =
  | { name: SourceName; folder: string; wants: 'dependencies' }
  /** A global npm prefix: somebody asked for each package in it, and no package.json says so. */
  | { name: SourceName; folder: string; wants: 'neighbours' }

export interface SourceOptions {
  from: string
  argv1: string | undefined
  env: NodeJS.ProcessEnv
  cli: string | undefined
}

/** The four sources in their order; the first that has a package wins. */
export function sourcesOf({ from, argv1, env, cli }: SourceOptions): Source[] {
  const found: Source[] = [
    ...projectFolders(from).map((folder) => dependenciesOf('project', folder)),
    dependenciesOf('user', userFolder(env)),
    ...(argv1 ? installations(argv1) : []),
    ...(cli ? [dependenciesOf('cli', path.resolve(cli))] : []),
  ]
  const seen = new Set<string>()
  return found.filter(({ folder }) => !seen.has(folder) && seen.add(folder))
}

function dependenciesOf(name: SourceName, folder: string): Source {
  return { name, folder, wants: 'dependencies' }
}

/** The nearest package above the Ch-obolo, and the root of the workspace it is in. */
export function projectFolders(from: string): string[] {
  const project = nearestPackage(from)
  if (!project) return []
  for (const at of upwards(project)) if (isWorkspaceRoot(at)) return at === project ? [project] : [project, at]
  return [project]
}

function isWorkspaceRoot(folder: string): boolean {
  if (existsSync(path.join(folder, 'pnpm-workspace.yaml'))) return true
  const read = readPackage(folder)
  return read.state === 'read' && (Array.isArray(read.json.workspaces) || isRecord(read.json.workspaces))
}

/** Where `chaos styx` installs plugins: `$CHAOS_PLUGIN_DIR`, else `~/.local/share/chaos/plugins`. */
export function userFolder(env: NodeJS.ProcessEnv): string {
  return path.resolve(env.CHAOS_PLUGIN_DIR || path.join(env.HOME || homedir(), '.local/share/chaos/plugins'))
}

/**
 * Where the program is installed. Its path as started tells npm, npx and Yarn (`node_modules/.bin`), its real path a
 * global prefix and pnpm. A path outside of any node_modules is a link in a folder of programs: what lies above it has nothing to do with us.
 */
function installations(argv1: string): Source[] {
  const started = path.resolve(argv1)
  const starts = started.split(path.sep).includes('node_modules') ? [started] : []
  try {
    starts.push(realpathSync(started))
  } catch {
    // `node -e` and the like: there is no such file.
  }
  return starts.flatMap((start) => installation(path.dirname(start)) ?? [])
}

function installation(start: string): Source | undefined {
  let below = ''
  for (const at of upwards(start)) {
    // What lies in a node_modules was installed by somebody above it.
    if (!at.split(path.sep).includes('node_modules')) {
      if (readPackage(at).state !== 'absent' && !isCopyOfCli(at)) return dependenciesOf('installation', at)
      if (below === 'node_modules' && isGlobalPrefix(at)) {
        return { name: 'installation', folder: path.join(at, below), wants: 'neighbours' }
      }
    }
    below = path.basename(at)
  }
  return undefined
}

/** In a checkout of chaos itself the CLI lies in no node_modules. */
function isCopyOfCli(folder: string): boolean {
  const read = readPackage(folder)
  return read.state === 'read' && read.json.name === '@chaos/cli'
}

/** npm keeps global packages in PREFIX/lib/node_modules, on Windows in PREFIX/node_modules. */
function isGlobalPrefix(folder: string): boolean {
  return process.platform === 'win32' || path.basename(folder) === 'lib'
}

/** The names of all packages in a node_modules. */
export function neighbours(nodeModules: string): string[] {
  return visible(nodeModules).flatMap((name) =>
    name.startsWith('@') ? visible(path.join(nodeModules, name)).map((inner) => `${name}/${inner}`) : [name],
  )
}

function visible(folder: string): string[] {
  return readdirSync(folder).filter((name) => !name.startsWith('.'))
}
