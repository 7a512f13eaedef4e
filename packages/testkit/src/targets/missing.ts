import { spawnSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'

/** Where programs are, outside and inside: a test may have any PATH. */
export const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const MACHINE = ['unshare', 'nsenter', 'mount', 'umount', 'pivot_root', 'useradd', 'chpasswd', 'ip']
const SSHD = ['sshd', 'ssh-keygen']

// Mounts of its own, so that a failure leaves nothing either.
const TRY = `cd /tmp && mount -t tmpfs tmpfs /tmp && cd /tmp && mkdir upper work root &&
mount -t overlay -o lowerdir=/,upperdir=/tmp/upper,workdir=/tmp/work overlay root`

let known: { readonly reason: string | undefined } | undefined

/** Why there can be no throw-away machine with an sshd here, in a few words; undefined if there can. */
export function noSshd(): string | undefined {
  known ??= { reason: missing() }
  return known.reason
}

/** The path of a program, outside; undefined if there is none. */
export function find(program: string): string | undefined {
  return PATH.split(':')
    .map((folder) => path.join(folder, program))
    .find(isProgram)
}

function missing(): string | undefined {
  if (process.platform !== 'linux') return 'only on Linux'
  if (process.getuid?.() !== 0) return 'needs root'
  const absent = [...MACHINE, ...SSHD].filter((program) => find(program) === undefined)
  if (absent.length > 0) return `needs ${absent.join(', ')}`
  // A layer over / has none of what is mounted below it.
  const apart = ['/etc', '/usr', '/var', '/bin'].filter((folder) => statSync(folder).dev !== statSync('/').dev)
  if (apart.length > 0) return `${apart.join(', ')} is a filesystem of its own, and no layer can be put over / alone`
  const tried = spawnSync('unshare', ['--mount', '--pid', '--fork', '--kill-child', '--uts', '--ipc', '--net', 'sh', '-c', TRY], {
    env: { PATH },
    encoding: 'utf8',
  })
  if (tried.status !== 0) return `no overlay can be put over /: ${tried.stderr.trim().split('\n').at(-1) ?? ''}`
  return undefined
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
