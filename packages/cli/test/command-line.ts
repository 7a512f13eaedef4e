import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { takeLock } from './file-lock.ts'

const PACKAGES = path.join(import.meta.dirname, '../..')
export const CHAOS = path.join(PACKAGES, 'cli/bin/chaos.js')

const LOCK = path.join(PACKAGES, 'cli/node_modules/.chaos-test-build')

/** The command line runs from `dist`: builds what is older than its source. Test files run side by side; one builds, the others wait. */
export function buildIfStale(): void {
  buildPackages(['core', 'discovery', 'chobolo', 'engine', 'operations', 'connector-local', 'connector-ssh', 'role-files', 'role-users', 'sops', 'provider-age', 'cli'])
}

/** The same for packages that the command does not bring along. */
export function buildPackages(names: readonly string[]): void {
  while (!takeLock(LOCK)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  try {
    build(names)
  } finally {
    rmSync(LOCK, { force: true })
  }
}

function build(names: readonly string[]): void {
  for (const name of names) {
    const folder = path.join(PACKAGES, name)
    const built = path.join(folder, 'dist/index.js')
    if (existsSync(built) && newest(path.join(folder, 'src')) <= statSync(built).mtimeMs) continue
    const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(PACKAGES, '../scripts/build.mjs')], { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${name} could not be built:\n${stdout}${stderr}`)
  }
}

function newest(folder: string): number {
  return Math.max(0, ...readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => statSync(path.join(entry.parentPath, entry.name)).mtimeMs))
}

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

export interface StartOptions {
  env?: Record<string, string>
  stdin?: string
  /** Another `chaos` than that of this tree. */
  program?: string
  /** Default: the desk's folder. */
  cwd?: string
}

export interface Desk {
  folder: string
  /** Of every `chaos` it started, those that have ended too. */
  pids: ReadonlySet<number>
  write(name: string, text: string): string
  chaos(args: readonly string[], options?: StartOptions): Promise<Ended>
  /** Starts it and does not wait. */
  start(args: readonly string[], options?: StartOptions): { child: ChildProcess; ended: Promise<Ended> }
  /** Makes the folder a project that has this plugin: its `chaos` groups, which name exports of `./index`, and that module's text. */
  addPlugin(name: string, groups: Record<string, unknown>, source: string): void
  /** Makes the folder a project that has a role `steps`, which runs the shell commands below the key `steps`. */
  addSteps(): void
  remove(): void
}

const STEPS = `import { defineKeys, defineRole } from '@chaos/core'
import { server } from '@chaos/operations'
export default defineRole(function* ({ chobolo }) {
  for (const commands of chobolo.steps) yield server.shell({ commands })
})
export const keys = defineKeys([{ steps: ['true'] }])
`

/** An empty folder with a config and state of its own. */
export function makeDesk(): Desk {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'chaos-cli-'))
  const own = { HOME: folder, XDG_STATE_HOME: path.join(folder, 'state'), CHAOS_STATE_FOLDER: path.join(folder, 'machine-state'), CHAOS_CONFIG_DIR: path.join(folder, 'config') }
  const { GITHUB_ACTIONS: _, CI: __, FORCE_COLOR: ___, ...env } = process.env
  const running = new Set<ChildProcess>()
  const pids = new Set<number>()
  const start: Desk['start'] = (args, options = {}) => {
    const child = spawn(process.execPath, [options.program ?? CHAOS, ...args], { cwd: options.cwd ?? folder, env: { ...env, ...own, ...options.env }, stdio: 'pipe' })
    running.add(child)
    if (child.pid !== undefined) pids.add(child.pid)
    const ended = new Promise<Ended>((resolve) => {
      let stdout = ''
      let stderr = ''
      child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()))
      child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()))
      child.on('close', (code) => {
        running.delete(child)
        resolve({ code, stdout, stderr })
      })
    })
    // It may have ended before it has read it: its code tells.
    child.stdin.on('error', () => {})
    child.stdin.end(options.stdin ?? '')
    return { child, ended }
  }
  const plugins: string[] = []
  const addPlugin: Desk['addPlugin'] = (name, groups, source) => {
    const plugin = path.join(folder, 'node_modules', name)
    mkdirSync(path.join(plugin, 'node_modules/@chaos'), { recursive: true })
    plugins.push(name)
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ dependencies: Object.fromEntries(plugins.map((each) => [each, '*'])) }))
    writeFileSync(path.join(plugin, 'package.json'), JSON.stringify({ name, version: '1.0.0', type: 'module', exports: { './index': './index.js' }, chaos: { api: 1, ...groups } }))
    writeFileSync(path.join(plugin, 'index.js'), source)
    for (const each of ['core', 'operations']) symlinkSync(path.join(PACKAGES, each), path.join(plugin, 'node_modules/@chaos', each))
  }
  return {
    folder,
    pids,
    write(name, text) {
      const file = path.join(folder, name)
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, text)
      return file
    },
    start,
    chaos: (args, options) => start(args, options).ended,
    addPlugin,
    addSteps: () => addPlugin('steps', { roles: { steps: './index' }, keys: { steps: './index#keys' } }, STEPS),
    remove() {
      // After a test that failed in the middle.
      for (const child of running) child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Waits until something is so. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 45_000; !isSo(); ) {
    if (Date.now() > end) throw new Error(`Waited in vain until ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Processes whose command line, or whose environment, mentions a text that no other has; this one left out. */
export function processesWith(text: string): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false
    try {
      return ['cmdline', 'environ'].some((each) => readFileSync(`/proc/${name}/${each}`, 'utf8').includes(text)) && !/^State:\s+Z/m.test(readFileSync(`/proc/${name}/status`, 'utf8'))
    } catch {
      // It ended meanwhile.
      return false
    }
  })
}
