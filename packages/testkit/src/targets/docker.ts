import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { makeBusyboxRoot, noStaticBusybox } from './busybox-root.ts'
import type { BusyboxImage } from './busybox-root.ts'
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

// Process 1 of its own process table: whatever ends it, ends all of it. The end of its input, also by a SIGKILL of who wrote to it, is the
// order to end. `$1` is the folder. Its containers are killed: to end them politely would take as long as the slowest.
const INIT = `exec 3<&0 </dev/null
dockerd --data-root "$1/data" --exec-root "$1/exec" --pidfile "$1/pid" --host "unix://$1/docker.sock" --cgroup-parent "$2" \\
  --bridge=none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false --shutdown-timeout 2 >"$1/log" 2>&1 3<&- &
engine=$!
cat <&3 >/dev/null
export DOCKER_HOST="unix://$1/docker.sock"
containers=$(docker ps --all --quiet 2>/dev/null)
[ -z "$containers" ] || docker rm --force --volumes $containers >/dev/null
kill "$engine"
wait "$engine"`

// Outlives a killed test for long enough to tidy up.
const OUTER = `init=$1; group=$2
unshare --mount --propagation private --pid --fork --kill-child --mount-proc sh -c "$init" sh "$0" "$group"
rmdir /sys/fs/cgroup/*/"$group" "/sys/fs/cgroup/$group" 2>/dev/null
rm -rf -- "$0"`

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
  const folder = await mkdtemp(path.join(tmpdir(), 'chaos-docker-'))
  const socket = path.join(folder, 'docker.sock')
  const child = spawn('sh', ['-c', OUTER, folder, INIT, path.basename(folder)], { stdio: ['pipe', 'ignore', 'pipe'], env: { PATH, LANG: 'C.UTF-8' }, detached: true })
  child.unref()
  let trouble = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (trouble += text))
  const ended = once(child, 'close')
  const docker = (...args: readonly string[]): Promise<string> => output([find('docker') as string, '--host', `unix://${socket}`, ...args])

  const failure = async (): Promise<string | undefined> => {
    if (child.exitCode !== null) return trouble.trim()
    const log = await readFile(path.join(folder, 'log'), 'utf8').catch(() => '')
    return /^failed to start daemon.*$/m.exec(log)?.[0]
  }
  while (!(await docker('version').then(() => true, () => false))) {
    const failed = await failure()
    if (failed !== undefined) {
      child.stdin.destroy()
      await ended
      throw new Error(`no throw-away Docker engine: ${failed}`)
    }
    await wait(20)
  }

  let closing: Promise<void> | undefined
  return {
    socket,
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
    close() {
      closing ??= (async () => {
        // A script whose last word this is must not end before it.
        child.ref()
        child.stdin.destroy()
        await ended
        await rm(folder, { recursive: true, force: true })
      })()
      return closing
    },
  }
}
