import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BUSYBOX = '/bin/busybox'

/** Why there can be no root here that is entered without being root; false if there can. */
export function missing() {
  if (!existsSync(BUSYBOX)) return 'needs a static busybox'
  const { status } = spawnSync('unshare', ['--map-root-user', '--mount', 'mount', '--rbind', '/dev', '/mnt'])
  return status === 0 ? false : 'this kernel does not let users make namespaces'
}

/** A folder with a busybox in it, in a temporary one where we then are; gone with this process. */
export function makeRoot() {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-unshare-'))
  const root = join(folder, 'root')
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  process.chdir(folder)
  for (const name of ['bin', 'dev', 'proc', 'tmp']) mkdirSync(join(root, name), { recursive: true })
  copyFileSync(BUSYBOX, join(root, 'bin/busybox'))
  execFileSync('unshare', ['--map-root-user', `--root=${root}`, '/bin/busybox', '--install', '-s', '/bin'])
  return root
}
