import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { makeBusyboxRoot, noStaticBusybox } from './busybox-root.ts'
import type { BusyboxImage } from './busybox-root.ts'
import type { Machine } from './contract.ts'
import { output } from './layer.ts'
import { find, noSshd } from './missing.ts'

/** Podman on a throw-away machine, with images and containers of its own; they are gone with the machine. */
export interface Podman {
  /** Runs the program there, and gives what it printed; a code other than 0 is an error. */
  podman(...args: readonly string[]): Promise<string>
  /** Makes an image of busybox alone, with root and the user `ana` (1000). */
  image(name: string, options?: BusyboxImage): Promise<void>
  /** Removes its containers and their control groups, which are those of this machine. Before the machine is closed. */
  close(): Promise<void>
}

const PROGRAMS = ['podman', 'runc', 'conmon', 'busybox', 'tar']

// crun refuses control groups of the first kind; limits as they are, for a root that may not raise them. Its files are on a tmpfs: a layer
// over a layer is none.
const CONFIGURE = `set -e
mkdir -p /etc/containers
printf '[containers]\\ndefault_ulimits = []\\n[engine]\\nruntime = "runc"\\ncgroup_manager = "cgroupfs"\\nevents_logger = "file"\\n' >/etc/containers/containers.conf
printf '[storage]\\ndriver = "overlay"\\ngraphroot = "/run/chaos-podman/root"\\nrunroot = "/run/chaos-podman/run"\\n' >/etc/containers/storage.conf`

// What watches a container ends a moment after it, and a group that is in use cannot be removed.
const WAIT = `tries=0
while pgrep -x 'conmon|podman' >/dev/null && [ $tries -lt 600 ]; do sleep 0.05; tries=$((tries + 1)); done`

/** Its own groups, and those that all share where they are empty: those of another machine may have been made just now, and nothing is in them yet. */
const tidy = (ids: readonly string[]): string => `${WAIT}
find /sys/fs/cgroup -depth -type d \\( ${ids.map((id) => `-path '*/libpod_parent/*${id}*' -o `).join('')}-path '*/libpod_parent/conmon' -o -name libpod_parent \\) -exec rmdir {} + 2>/dev/null
:`

/** Why there can be no podman on a throw-away machine here, in a few words; undefined if there can. */
export function noPodman(): string | undefined {
  const reason = noSshd()
  if (reason !== undefined) return reason
  const absent = PROGRAMS.filter((program) => find(program) === undefined)
  if (absent.length > 0) return `needs ${absent.join(', ')}`
  return noStaticBusybox()
}

/** Gives a machine podman. Check `noPodman` first. */
export async function installPodman(machine: Machine): Promise<Podman> {
  await machine.run(`${CONFIGURE}\n${groupMounts()}`)
  const inside = `/proc/${machine.enter[machine.enter.indexOf('--target') + 1]}/root`
  const podman = (...args: readonly string[]): Promise<string> => output([...machine.enter, 'podman', ...args])
  return {
    podman,
    async image(name, { changes = [], without = [] } = {}) {
      const root = `/tmp/image-${name.replaceAll(/\W/g, '-')}`
      await makeBusyboxRoot(`${inside}${root}`, without)
      await machine.run(`tar --create --file ${root}.tar --directory ${root} .`)
      await podman('import', '--quiet', ...changes.flatMap((change) => ['--change', change]), `${root}.tar`, name)
      for (const path of [root, `${root}.tar`]) await rm(`${inside}${path}`, { recursive: true })
    },
    async close() {
      const ids = (await podman('ps', '--all', '--quiet', '--no-trunc')).split('\n').filter(Boolean)
      await podman('rm', '--all', '--force', '--time', '0')
      await machine.run(tidy(ids))
    },
  }
}

/** The control groups of this machine, which containers of a machine that has its own mounts need there. */
function groupMounts(): string {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n').map((line) => line.split(' '))
  const groups = mounts.flatMap(([, folder = '', type = '', options = '']) => (type.startsWith('cgroup') ? [{ folder, type, options: options.replaceAll(/\b(?:rw|ro|nosuid|nodev|noexec|relatime),?/g, '') }] : []))
  const nested = groups.some(({ folder }) => folder !== '/sys/fs/cgroup')
  return [
    ...(nested ? ['mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup'] : []),
    ...groups.map(({ folder, type, options }) => `mkdir -p ${folder}; mount -t ${type} ${options === '' ? '' : `-o ${options} `}${type} ${folder}`),
  ].join('\n')
}
