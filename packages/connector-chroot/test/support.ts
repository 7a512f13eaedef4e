import { existsSync, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { script, sh } from '@chaos/core'
import type { Connection, ConnectorContext } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'
import type { Machine } from '@chaos/testkit'
import local from '../../connector-local/src/index.ts'
import chroot from '../src/index.ts'

const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'].find((file) => existsSync(file))

/** Why there can be no root of busybox here; undefined if there can. */
export function noBusybox(): string | undefined {
  if (BUSYBOX === undefined) return 'needs busybox'
  // A dynamic one does not run alone; its headers name the loader.
  return readFileSync(BUSYBOX).subarray(0, 4096).includes('/ld-') ? 'needs a static busybox' : undefined
}

/** Makes a root of busybox alone, with root and the user `ana` (1000), at `$1`. */
export const MAKE_ROOT = `set -e
mkdir -p "$1/bin" "$1/etc" "$1/root" "$1/srv" "$1/home/ana" "$1/dev"
mkdir -m 1777 "$1/tmp"
chown 1000:1000 "$1/home/ana"
cp ${BUSYBOX ?? 'busybox'} "$1/bin/busybox"
for name in $("$1/bin/busybox" --list); do [ "$name" = busybox ] || ln -s busybox "$1/bin/$name"; done
printf 'root:x:0:0:root:/root:/bin/sh\\nana:x:1000:1000::/home/ana:/bin/sh\\n' >"$1/etc/passwd"
printf 'root:x:0:\\nana:x:1000:\\n' >"$1/etc/group"
mknod -m 666 "$1/dev/null" c 1 3`

export function makeRoot(path: string): string {
  return `set -- ${path}\n${MAKE_ROOT}`
}

const context = pluginContext()

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

/** Opens `@chroot/ARGUMENT`, its data validated as the engine does. */
export async function openChroot(argument: string, base: Connection, data: Readonly<Record<string, unknown>> = {}, signal = context.signal): Promise<Connection> {
  const checked = await chroot.data!['~standard'].validate(data)
  if (checked.issues) throw new Error(JSON.stringify(checked.issues))
  return chroot.open!({ host: `@chroot/${argument}`, argument, data: checked.value as Record<string, unknown>, below: [] }, { ...context, signal, base })
}

/** What a script prints, with its code. */
export async function say(connection: Connection, source: string): Promise<string> {
  const { stdin, stdout, stderr, exit } = await connection.spawn(script(source))
  stdin.end()
  const [out, err, { code }] = await Promise.all([text(stdout), text(stderr), exit])
  return `${out}${err}${code === 0 ? '' : `code ${code}`}`.trim()
}
