import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { IN_MEMORY } from './in-memory.ts'
import { output } from './layer.ts'
import { PATH, find } from './missing.ts'

export interface Daemon {
  /** Of all that it has, named as its control groups are. It goes with it. */
  readonly folder: string
  /** Orders it to end, where its input is a pipe of this process, and resolves when it and its folder are gone. */
  end(): Promise<void>
}

export interface DaemonOptions {
  /** Whose end is the order to end. Default: a pipe of this process. */
  readonly input?: number
  /** Put in front of the program that outlives everything else. */
  readonly under?: readonly string[]
}

// Process 1 of its own process table: whatever ends it, ends all of it. The end of its input, also by a SIGKILL of who wrote to it, is the
// order to end. `$1` is the folder. Its containers are killed: to end them politely would take as long as the slowest.
const INIT = `${IN_MEMORY}
exec 3<&0 </dev/null
in_memory "$1/data"
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

/** Runs the program `docker` on the engine in this folder. */
export function dockerIn(folder: string, ...args: readonly string[]): Promise<string> {
  return output([find('docker') as string, '--host', `unix://${socketIn(folder)}`, ...args])
}

export function socketIn(folder: string): string {
  return path.join(folder, 'docker.sock')
}

/** Starts a Docker engine, and waits until it answers. */
export async function startDaemon({ input, under = [] }: DaemonOptions = {}): Promise<Daemon> {
  const folder = await mkdtemp(path.join(tmpdir(), 'chaos-docker-'))
  // A file takes what is said after the end of this process, too.
  const trouble = openSync(path.join(folder, 'trouble'), 'a')
  const said = openSync(path.join(folder, 'trouble'), 'r')
  const [program, ...args] = [...under, 'sh', '-c', OUTER, folder, INIT, path.basename(folder)]
  const child = spawn(program, args, { stdio: [input ?? 'pipe', 'ignore', trouble], env: { PATH, LANG: 'C.UTF-8' }, detached: true })
  closeSync(trouble)
  child.unref()
  const { stdin } = child
  const ended = once(child, 'close')
  const end = async (): Promise<void> => {
    // A script whose last word this is must not end before it.
    child.ref()
    stdin?.destroy()
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  try {
    while (!(await dockerIn(folder, 'version').then(() => true, () => false))) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`no throw-away Docker engine: ${readFileSync(said, 'utf8').trim()}`)
      const failed = /^failed to start daemon.*$/m.exec(await readFile(path.join(folder, 'log'), 'utf8').catch(() => ''))
      if (failed) throw new Error(`no throw-away Docker engine: ${failed[0]}`)
      await wait(20)
    }
  } catch (error) {
    if (stdin) await end()
    throw error
  } finally {
    closeSync(said)
  }
  return { folder, end }
}
