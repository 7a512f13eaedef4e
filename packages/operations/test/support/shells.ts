import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Shells a host may have. bash without its start file, which it also reads when its input is a socket. */
export const SHELLS = [
  { name: 'dash', shell: ['dash'] },
  { name: 'bash', shell: ['bash', '--norc'] },
  { name: 'bash --posix', shell: ['bash', '--norc', '--posix'] },
  { name: 'busybox', shell: ['busybox', 'sh'] },
  { name: 'mksh', shell: ['mksh'] },
] as const

export function isMissing([program]: readonly string[]): boolean {
  return spawnSync(program ?? '', ['-c', ':']).error !== undefined
}

/** A folder whose programs are all busybox; its PATH makes the tools of a small system. */
export function busyboxTools(directory: string): string {
  const tools = join(directory, 'tools')
  mkdirSync(tools)
  const busybox = spawnSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).stdout.trim()
  for (const each of ['busybox', 'sh', 'stat', 'readlink', 'sha256sum', 'find', 'head', 'printf', 'cat', 'ls']) symlinkSync(busybox, join(tools, each))
  return tools
}
