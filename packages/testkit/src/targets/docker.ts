import { spawnSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { makeBusyboxRoot, noStaticBusybox } from './busybox-root.ts'
import type { BusyboxImage } from './busybox-root.ts'
import { dockerIn, socketIn, startDaemon } from './docker-daemon.ts'
import { output } from './layer.ts'
import { PATH, find } from './missing.ts'

/** A throw-away Docker engine: data, socket and processes of its own; it leaves the machine's network alone, so its containers have none or the machine's. */
export interface DockerEngine {
  /** Path of its socket. */
  readonly socket: string
  /** Runs the program `docker` on this engine, and gives what it printed; a code other than 0 is an error. */
  docker(...args: readonly string[]): Promise<string>
  /** Makes an image of busybox alone, with root and the user `ana` (1000). */
  image(name: string, options?: BusyboxImage): Promise<void>
  /** Ends it with all its containers. */
  close(): Promise<void>
}

const PROGRAMS = ['dockerd', 'docker', 'busybox', 'unshare', 'tar']

/** Why there can be no throw-away Docker engine here, in a few words; undefined if there can. */
export function noDocker(): string | undefined {
  if (process.platform !== 'linux') return 'only on Linux'
  if (process.getuid?.() !== 0) return 'needs root'
  const absent = PROGRAMS.filter((program) => find(program) === undefined)
  if (absent.length > 0) return `needs ${absent.join(', ')}`
  const dynamic = noStaticBusybox()
  if (dynamic !== undefined) return dynamic
  const tried = spawnSync('unshare', ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'test', '-w', '/sys/fs/cgroup'], { env: { PATH }, encoding: 'utf8' })
  if (tried.status !== 0) return `needs processes, mounts and control groups of its own: ${tried.stderr.trim().split('\n').at(-1) || 'control groups may not be written'}`
  return undefined
}

/** Starts an engine. Check `noDocker` first. */
export async function startDocker(): Promise<DockerEngine> {
  const daemon = await startDaemon()
  let closing: Promise<void> | undefined
  return engineIn(daemon.folder, () => (closing ??= daemon.end()))
}

/** The engine in this folder, which runs. */
export function engineIn(folder: string, close: () => Promise<void>): DockerEngine {
  const docker = (...args: readonly string[]): Promise<string> => dockerIn(folder, ...args)
  return {
    socket: socketIn(folder),
    docker,
    async image(name, { changes = [], without = [] } = {}) {
      const root = path.join(folder, `image-${name.replaceAll(/\W/g, '-')}`)
      await makeBusyboxRoot(root, without)
      const archive = `${root}.tar`
      await output([find('tar') as string, '--create', '--file', archive, '--directory', root, '.'])
      await docker('import', ...changes.flatMap((change) => ['--change', change]), archive, name)
      await rm(root, { recursive: true })
      await rm(archive)
    },
    close,
  }
}
