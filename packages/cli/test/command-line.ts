import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const PACKAGES = path.join(import.meta.dirname, '../..')
export const CHAOS = path.join(PACKAGES, 'cli/bin/chaos.js')

const LOCK = path.join(PACKAGES, 'cli/node_modules/.chaos-test-build')

/** The command line runs from `dist`: builds what is older than its source. Test files run side by side; one builds, the others wait. */
export function buildIfStale(): void {
  while (!locked()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  try {
    build()
  } finally {
    rmSync(LOCK, { recursive: true, force: true })
  }
}

function locked(): boolean {
  try {
    mkdirSync(LOCK)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const age = Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    // Left by a run that was killed.
    if (age > 100_000) rmSync(LOCK, { recursive: true, force: true })
    return false
  }
}

function build(): void {
  for (const name of ['core', 'discovery', 'chobolo', 'engine', 'operations', 'connector-local', 'role-files', 'cli']) {
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

export interface Desk {
  folder: string
  write(name: string, text: string): string
  chaos(args: readonly string[], options?: { env?: Record<string, string>; stdin?: string }): Promise<Ended>
  remove(): void
}

/** An empty folder with a config and state of its own. */
export function makeDesk(): Desk {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'chaos-cli-'))
  const own = { HOME: folder, XDG_STATE_HOME: path.join(folder, 'state'), CHAOS_STATE_FOLDER: path.join(folder, 'machine-state'), CHAOS_CONFIG_DIR: path.join(folder, 'config') }
  const { GITHUB_ACTIONS: _, CI: __, FORCE_COLOR: ___, ...env } = process.env
  return {
    folder,
    write(name, text) {
      const file = path.join(folder, name)
      writeFileSync(file, text)
      return file
    },
    chaos: (args, options = {}) =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, [CHAOS, ...args], { cwd: folder, env: { ...env, ...own, ...options.env }, stdio: 'pipe' })
        let stdout = ''
        let stderr = ''
        child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()))
        child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()))
        child.on('close', (code) => resolve({ code, stdout, stderr }))
        child.stdin.end(options.stdin ?? '')
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
