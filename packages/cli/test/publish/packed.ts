import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { madeOnce } from './made-once.ts'

export const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url))
const PACKAGES = path.join(REPOSITORY, 'packages')
const EXAMPLES = path.join(REPOSITORY, 'examples/plugins')

/** What is in the tarballs, of every package and example. */
const SHIPPED = ['package.json', 'README.md', 'dist', 'bin', 'templates', 'index.js', 'roles.js', 'explain.js']

/** A folder with the tarballs of all packages, as pnpm publishes them. Packed once in a test run. */
export function packed(): string {
  return madeOnce(`packed-${stamp([PACKAGES])}`, (folder) => {
    run(REPOSITORY, process.execPath, 'scripts/pnpm.mjs', '-r', '--filter', './packages/*', 'pack', '--pack-destination', folder)
  })
}

/** The plugins in `examples/` that need nothing but npm. */
const PLUGINS = ['chaos-boat-prometheus', 'chaos-connector-unshare', 'chaos-plugin-runbook', 'chaos-plugin-vps', 'chaos-plugin-webserver', 'chaos-provider-systemd', 'chaos-role-timezone', 'my-chaos-plugin']

/**
 * A folder whose node_modules npm made of the tarballs of the CLI, the testkit and the examples, with what a plugin in TypeScript needs.
 * Installed once in a test run: look, or copy, but change nothing. Without scripts, one of which would compile for ten seconds what need not be
 * there; publish.test.ts installs with them.
 */
export function installed(): string {
  const tarballs = packed()
  return madeOnce(`installed-${stamp([PACKAGES, EXAMPLES])}`, (folder) => {
    const examples = PLUGINS.map((each) => path.join(EXAMPLES, each))
    run(folder, 'npm', 'pack', '--silent', '--ignore-scripts', ...examples)
    const files = readdirSync(folder).map((file) => path.join(folder, file))
    const ours = closure(['@chaos/cli', '@chaos/testkit']).map((name) => path.join(tarballs, `${name.replace(/^@(.+)\//, '$1-')}-${manifestOf(name).version}.tgz`))
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', 'typescript@^5.9.0', '@types/node@^20.19.0', ...ours, ...files)
  })
}

interface Manifest {
  readonly version: string
  readonly dependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
}
const manifestOf = (name: string): Manifest => JSON.parse(readFileSync(path.join(PACKAGES, name.replace(/^@chaos\//, ''), 'package.json'), 'utf8')) as Manifest

/** These packages of ours and all of ours that they need: no registry has them. */
function closure(wanted: readonly string[]): string[] {
  const names = new Set(wanted)
  // A set goes on with what is added to it meanwhile.
  for (const name of names) {
    const { dependencies, peerDependencies } = manifestOf(name)
    for (const each of Object.keys({ ...dependencies, ...peerDependencies })) if (each.startsWith('@chaos/')) names.add(each)
  }
  return [...names]
}

/** Another one whenever something of what is shipped was changed: who names CHAOS_TEST_TARGETS keeps what is in it. */
function stamp(folders: readonly string[]): string {
  const hash = createHash('sha256')
  for (const folder of folders) {
    for (const name of readdirSync(folder)) for (const each of SHIPPED) note(hash, path.join(folder, name, each))
  }
  return hash.digest('hex').slice(0, 16)
}

function note(hash: ReturnType<typeof createHash>, at: string): void {
  if (!existsSync(at)) return
  const found = statSync(at)
  if (found.isDirectory()) for (const name of readdirSync(at)) note(hash, path.join(at, name))
  else hash.update(`${at} ${found.size} ${found.mtimeMs}\n`)
}

function run(cwd: string, program: string, ...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
}
