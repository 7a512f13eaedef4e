import { ChaosError, script } from '@chaos/core'
import type { Command, Os } from '@chaos/core'

/** What the opening frame brings. */
export interface Opening {
  readonly os: Os
  /** Folder of the role states: `$CHAOS_STATE_FOLDER` of the host, else /var/lib/chaos for root, else below `$XDG_STATE_HOME`. */
  readonly stateFolder: string
  /** The folder that is the lock: below /run/lock, or the state folder where that cannot be written. */
  readonly lockFolder: string
  /** Text of each role's state file. */
  readonly states: ReadonlyMap<string, string>
  /** Who became the login user through sudo or doas before chaos began, if so. */
  readonly invoker: string | undefined
}

const MANAGERS = ['apt-get', 'pacman', 'dnf', 'yum', 'zypper', 'apk', 'xbps-install', 'emerge', 'opkg', 'pkg', 'brew']
const TOOLS = ['sudo', 'su', 'doas', 'systemctl', 'rc-service', 'sv', 'service', 'curl', 'wget', 'git', 'python3', 'sha256sum', 'stat', 'setsid', 'visudo']

/** Role states larger than this are not ours. */
const MOST_STATE = 1024 * 1024

/**
 * One trusted script, forks kept few. Every line is `key value`; values come from the host and are
 * checked, never run. Role states follow as `state NAME BYTES` and then that many bytes.
 */
export const openingCommand: Command = script(`
one() { printf '%s %s\\n' "$1" "$2"; }
for f in /etc/os-release /usr/lib/os-release; do
  if [ -r "$f" ]; then
    while IFS= read -r l || [ -n "$l" ]; do case $l in ID=*|ID_LIKE=*|VERSION_ID=*|PRETTY_NAME=*) one release "$l";; esac; done < "$f"
    break
  fi
done
one uname "$(uname -s -r -m)"
one hostname "$(uname -n)"
one id "$(id -u) $(id -g) $(id -un)"
one groups "$(id -Gn)"
one invoker "\${SUDO_USER:-$DOAS_USER}"
one home "$HOME"
if [ -r /proc/sys/kernel/random/boot_id ]; then read -r b < /proc/sys/kernel/random/boot_id; one boot "$b"; fi
if [ -d /run/systemd/system ]; then one init systemd
elif [ -d /run/openrc ]; then one init openrc
elif [ -d /run/runit ] || [ -d /etc/runit/runsvdir ]; then one init runit
elif [ -x /sbin/init ] && [ -d /etc/init.d ]; then one init sysv
else one init none; fi
for p in ${[...MANAGERS].join(' ')}; do command -v "$p" >/dev/null 2>&1 && one manager "$p"; done
for p in ${[...TOOLS].join(' ')}; do command -v "$p" >/dev/null 2>&1 && one tool "$p"; done
one shell "$(readlink /bin/sh 2>/dev/null || echo sh)"
one time "$(date +%s)"
if [ -n "$CHAOS_STATE_FOLDER" ]; then s=$CHAOS_STATE_FOLDER
elif [ "$(id -u)" = 0 ]; then s=/var/lib/chaos
else s=\${XDG_STATE_HOME:-$HOME/.local/state}/chaos; fi
one folder "$s"
if [ -z "$CHAOS_STATE_FOLDER" ] && [ -d /run/lock ] && [ -w /run/lock ]; then one lock /run/lock/chaos; else one lock "$s/lock"; fi
for f in "$s"/state/*.json; do
  [ -f "$f" ] && [ -r "$f" ] || continue
  n=\${f##*/}; b=$(wc -c < "$f"); one state "\${n%.json} $((b))"; head -c $((b)) "$f"; echo
done
:`)

export function readOpening(stdout: Uint8Array, host: string): Opening {
  const fields = new Map<string, string[]>()
  const states = new Map<string, string>()
  const bytes = Buffer.from(stdout)
  let at = 0
  while (at < bytes.length) {
    const end = bytes.indexOf(10, at)
    const line = bytes.toString('utf8', at, end === -1 ? bytes.length : end)
    at = end === -1 ? bytes.length : end + 1
    const space = line.indexOf(' ')
    const key = space === -1 ? line : line.slice(0, space)
    const value = space === -1 ? '' : line.slice(space + 1)
    if (key !== 'state') {
      fields.set(key, [...(fields.get(key) ?? []), value.slice(0, 4096)])
      continue
    }
    const [, name, length] = /^([a-z0-9_-]+) (\d+)$/.exec(value) ?? []
    const size = Number(length)
    if (!name || size > MOST_STATE) continue
    states.set(name, bytes.toString('utf8', at, at + size))
    at += size + 1
  }
  const stateFolder = one(fields, 'folder')
  const lockFolder = one(fields, 'lock')
  const os = readOs(fields)
  if (!os || !stateFolder.startsWith('/') || !lockFolder.startsWith('/')) {
    throw new ChaosError('HOST_ANSWER', {
      message: `${host} did not answer as a Unix host does.`,
      hint: 'The login shell must be able to run /bin/sh, with uname, id and date on its PATH.',
      host,
    })
  }
  return { os, stateFolder, lockFolder, states, invoker: one(fields, 'invoker') || undefined }
}

function readOs(fields: ReadonlyMap<string, readonly string[]>): Os | undefined {
  const release = new Map(
    (fields.get('release') ?? []).map((line) => {
      const equals = line.indexOf('=')
      return [line.slice(0, equals), line.slice(equals + 1).replace(/^(["'])(.*)\1$/, '$2')] as const
    }),
  )
  const [kernel = '', version = '', arch = ''] = one(fields, 'uname').split(' ')
  const [uid, gid, user = ''] = one(fields, 'id').split(' ')
  if (!kernel || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) return undefined
  const inits = ['systemd', 'openrc', 'runit', 'sysv', 'none'] as const
  return {
    id: (release.get('ID') ?? 'unknown').toLowerCase(),
    like: (release.get('ID_LIKE') ?? '').toLowerCase().split(' ').filter(Boolean),
    version: release.get('VERSION_ID'),
    name: release.get('PRETTY_NAME') ?? kernel,
    kernel: kernel.toLowerCase(),
    release: version,
    arch,
    hostname: one(fields, 'hostname'),
    user,
    uid: Number(uid),
    gid: Number(gid),
    groups: one(fields, 'groups').split(' ').filter(Boolean),
    home: one(fields, 'home'),
    init: inits.find((init) => init === one(fields, 'init')) ?? 'none',
    packageManagers: MANAGERS.filter((name) => fields.get('manager')?.includes(name)),
    tools: TOOLS.filter((name) => fields.get('tool')?.includes(name)),
    shell: shellOf(one(fields, 'shell')),
    bootId: fields.get('boot')?.[0],
    time: Number(one(fields, 'time')) * 1000,
  }
}

function one(fields: ReadonlyMap<string, readonly string[]>, key: string): string {
  return fields.get(key)?.[0] ?? ''
}

function shellOf(link: string): string {
  const name = link.split('/').at(-1) ?? 'sh'
  return ['dash', 'bash', 'busybox', 'mksh'].find((shell) => name.startsWith(shell)) ?? 'sh'
}
