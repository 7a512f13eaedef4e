// The pinned pnpm, with nothing but npm: no corepack, no pnpm of the machine.
// As a program it passes its arguments on: node scripts/pnpm.mjs --filter @chaos/core test
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT, run } from './program.mjs'

/** `pnpm@10.x.y`, as package.json pins it. */
export function pinned() {
  const { packageManager } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'))
  return packageManager.split('+')[0]
}

/** Runs pnpm; see `run` of program.mjs. */
export function pnpm(args, options) {
  return run('npx', ['--yes', '--loglevel=error', pinned(), ...args], options)
}

/** Installs exactly what the lockfile says; quick when it is there already. */
export function install() {
  return pnpm(['install', '--frozen-lockfile', '--prefer-offline'])
}

/** The same without what only the site needs, which is as much again. */
export function installWithoutSite() {
  return pnpm(['--filter', '!chaos-site', 'install', '--frozen-lockfile', '--prefer-offline'])
}

/** Builds every package whose sources changed. */
export function build() {
  return run(process.execPath, ['scripts/build-all.mjs'])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = (await pnpm(process.argv.slice(2), { show: true })).code
}
