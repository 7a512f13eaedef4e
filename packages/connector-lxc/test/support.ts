import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { script, sh } from '@chaos/core'
import type { Connection, ConnectorContext } from '@chaos/core'
import { noSshd, pluginContext } from '@chaos/testkit'
import type { Machine } from '@chaos/testkit'
import local from '../../connector-local/src/index.ts'
import lxc from '../src/index.ts'

const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'].find((file) => existsSync(file))
const PROGRAMS = ['lxc-start', 'lxc-attach', 'lxc-info']

/** Why there can be no throw-away machine with containers of LXC here; undefined if there can. */
export function noLxc(): string | undefined {
  const absent = PROGRAMS.filter((program) => !existsSync(`/usr/bin/${program}`))
  if (absent.length > 0) return `needs ${absent.join(', ')}`
  if (BUSYBOX === undefined || readFileSync(BUSYBOX).subarray(0, 4096).includes('/ld-')) return 'needs a static busybox'
  return noSshd()
}

/** Where the containers of the tests lie. */
export const PATH = '/srv/lxc'

// Groups of processes are the whole kernel's: names that nobody else has, and version 2, which can be mounted again wherever it is used.
const CGROUPS = 'mountpoint -q /sys/fs/cgroup || mount -t cgroup2 cgroup2 /sys/fs/cgroup'
const CONTAINER = `set -e
folder=$2/$1 root=$2/$1/rootfs
mkdir -p "$root/bin" "$root/etc" "$root/root" "$root/srv" "$root/home/ana" "$root/dev" "$root/proc" "$root/sys" "$root/mnt"
mkdir -m 1777 "$root/tmp"
chown 1000:1000 "$root/home/ana"
cp ${BUSYBOX ?? 'busybox'} "$root/bin/busybox"
for name in $("$root/bin/busybox" --list); do [ "$name" = busybox ] || ln -s busybox "$root/bin/$name"; done
printf 'root:x:0:0:root:/root:/bin/sh\\nana:x:1000:1000::/home/ana:/bin/sh\\n' >"$root/etc/passwd"
printf 'root:x:0:\\nana:x:1000:\\n' >"$root/etc/group"
# As an init does, it takes in what others left behind.
printf '#!/bin/ash\\nwhile :; do sleep 86400 & wait $!; done\\n' >"$root/init"
chmod 755 "$root/init"
printf '%s\\n' "lxc.uts.name = $1" "lxc.rootfs.path = dir:$root" 'lxc.net.0.type = empty' 'lxc.cap.drop = sys_resource' 'lxc.apparmor.profile = unconfined' \\
  'lxc.mount.auto = proc:mixed' 'lxc.init.cmd = /init' 'lxc.signal.halt = SIGKILL' 'lxc.pty.max = 16' >"$folder/config"`

/** A name that no other test has at the same time. */
export function unique(name: string): string {
  const made = `${name}-${randomBytes(4).toString('hex')}`
  names.push(made)
  return made
}
const names: string[] = []

/** Makes a stopped container on a throw-away machine. */
export async function makeContainer(machine: Machine, name: string, path = PATH): Promise<void> {
  await machine.run(`${CGROUPS}\nset -- ${name} ${path}\n${CONTAINER}`)
}

/** The same for a user without root: its ids are those of the user's share in /etc/subuid, and the container is the user's. */
export async function makeUnprivileged(machine: Machine, user: string, name: string, path: string): Promise<void> {
  await machine.run(`su ${user} -c 'mkdir -p ${path}'; mkdir ${path}/${name}\n(set -- ${name} ${path}\n${CONTAINER}\n)\n${MAPPED(user, `${path}/${name}`)}`)
}

const MAPPED = (user: string, folder: string): string => `set -e
share() { sed -n "s/^${user}:\\([0-9]*\\):\\([0-9]*\\)$/\\1 \\2/p" "$1" | head -n 1; }
uids=$(share /etc/subuid) gids=$(share /etc/subgid)
printf '%s\\n' "lxc.idmap = u 0 $uids" "lxc.idmap = g 0 $gids" >>${folder}/config
sed -i /lxc.cap.drop/d ${folder}/config
find ${folder}/rootfs -printf '%U %G %p\\n' | while read -r uid gid path; do chown -h $((\${uids% *} + uid)):$((\${gids% *} + gid)) "$path"; done
chmod 1777 ${folder}/rootfs/tmp
chown ${user}: ${folder} ${folder}/config
chmod 755 /home/${user} ${folder}`

/** Its state, as LXC sees it: `RUNNING`. */
export async function stateOf(machine: Machine, name: string): Promise<string> {
  return (await machine.run(`lxc-info -P ${PATH} -n ${name} -s -H`)).trim()
}

/** Stops every container, and takes away what LXC leaves of its groups of processes. */
export async function tidy(machine: Machine | undefined): Promise<void> {
  await machine?.run(`{ for name in ${names.join(' ')}; do lxc-stop -k -P ${PATH} -n "$name"; rmdir "/sys/fs/cgroup/lxc.monitor.$name"; done; rmdir /sys/fs/cgroup/lxc.pivot; } 2>/dev/null || :`)
  await machine?.close()
}

export function openLocal(): Promise<Connection> {
  return local.open!({ host: '@local', argument: '', data: {}, below: [] }, {} as ConnectorContext)
}

/** A throw-away machine as what others stand on, as one of its users. */
export async function onMachine({ enter }: Machine, user?: string): Promise<Connection> {
  const base = await openLocal()
  const become = user === undefined ? [] : ['setpriv', '--reuid', user, '--regid', user, '--init-groups', '--']
  return {
    spawn: (command, options) => base.spawn(sh`exec ${[...enter, ...become]} /bin/sh -c ${command.text}`, options),
    close: (end) => base.close(end),
  }
}

export type Context = ReturnType<typeof pluginContext>

/** Opens `@lxc/NAME`, its data validated as the engine does. */
export async function openLxc(name: string, base: Connection, data: Readonly<Record<string, unknown>> = {}, context: Context = pluginContext()): Promise<Connection> {
  const checked = await lxc.data!['~standard'].validate({ lxc_path: PATH, ...data })
  if (checked.issues) throw new Error(JSON.stringify(checked.issues))
  return lxc.open!({ host: `@lxc/${name}`, argument: name, data: checked.value as Record<string, unknown>, below: [] }, { ...context, base })
}

/** A connection that closes what it stands on, as the engine does. */
export function withBase(connection: Connection, ...bases: readonly Connection[]): Connection {
  return {
    ...connection,
    async close(end) {
      for (const each of [connection, ...bases]) await each.close(end)
    },
  }
}

/** What a script prints, with its code. */
export async function say(connection: Connection, source: string): Promise<string> {
  const { stdin, stdout, stderr, exit } = await connection.spawn(script(source))
  stdin.end()
  const [out, err, { code }] = await Promise.all([text(stdout), text(stderr), exit])
  return `${out}${err}${code === 0 ? '' : `code ${code}`}`.trim()
}
