import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { PATH, find } from './missing.ts'

/** A layer over this machine's files, with processes in it. */
export interface Layer {
  /** A folder outside, gone with the machine. */
  readonly folder: string
  /** Its process 1, as it is seen outside. */
  readonly init: number
  readonly enter: readonly string[]
  readonly client: readonly string[]
  run(script: string, options?: RunOptions): Promise<string>
  close(): Promise<void>
}

export interface RunOptions {
  readonly args?: readonly string[]
  readonly input?: string
}

/** The machine's address in a network of its own, and that of its client; TEST-NET-2, which is nowhere else. */
export const ADDRESS = { machine: '198.51.100.2', client: '198.51.100.1' } as const

// Process 1. What is mounted over / outside is not in the layer, so /proc, /dev and the like are made anew. The old root is let go of, so
// that nothing of it can be reached. Without lastlog and wtmp sshd, which logs to its stderr, would say so on every terminal. `wait` takes
// in what others left behind; the end of its input, also by a SIGKILL of who wrote to it, ends it, and with it everything inside.
const INIT = `set -e
read -r pid rest </proc/self/stat
mount -t tmpfs -o mode=755 tmpfs "$1"
cd "$1"
mkdir upper work root
mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" overlay root
cd root
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys 2>/dev/null || :
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs home
mount -t tmpfs -o mode=700 tmpfs root
mount -t tmpfs -o mode=755 tmpfs var/log
mount -t tmpfs -o mode=755 tmpfs dev
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty dev
mkdir -m 755 dev/pts run/sshd
mkdir -m 1777 dev/shm run/lock
: >var/log/lastlog
: >var/log/wtmp
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mkdir tmp/outside
pivot_root . tmp/outside
umount -l /tmp/outside
cd /
rmdir /tmp/outside
rm -rf /var/lib/chaos
cp /etc/skel/.[!.]* /root 2>/dev/null || :
hostname machine 2>/dev/null || echo machine >/proc/sys/kernel/hostname
printf '127.0.0.1 localhost\\n127.0.1.1 machine\\n' >/etc/hosts
echo machine >/etc/hostname
echo "$pid"
exec 3<&0 </dev/null
cat <&3 >/dev/null &
exec 3<&- >/dev/null 2>&1
wait $!`

// Outlives a killed test for long enough to take the folder away. \`$0\` is the folder.
const OUTER = 'init=$1; shift; "$@" sh -c "$init" sh "$0/layer"; rm -rf -- "$0"'

/** Starts a layer, optionally with a network of its own. */
export async function startLayer(network: boolean): Promise<Layer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'chaos-machine-'))
  await mkdir(path.join(folder, 'layer'))
  const inside = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--uts', '--ipc', ...(network ? ['--net'] : [])]
  const outside = network ? ['unshare', '--net'] : []
  const [program = 'sh', ...args] = [...outside, 'sh', '-c', OUTER, folder, INIT, ...inside]
  // A session of its own: Ctrl-C is for the test, which closes this.
  const child = spawn(program, args, { stdio: 'pipe', env: { PATH, LANG: 'C.UTF-8' }, detached: true })
  let trouble = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (trouble += text))
  const ended = once(child, 'close')
  const init = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([line]) => Number(line)),
    ended.then(() => Number.NaN),
  ])
  if (Number.isNaN(init)) throw new Error(`no throw-away machine: ${trouble.trim()}`)
  // A test that forgot to close it ends all the same, and it with the test.
  const held = [child, child.stdin, child.stdout, child.stderr] as readonly { ref?(): void; unref?(): void }[]
  for (const handle of held) handle.unref?.()
  const nsenter = find('nsenter') ?? 'nsenter'
  const enter = [nsenter, '--target', String(init), '--mount', '--pid', '--uts', '--ipc', '--net', '--root', '--wd', '--']
  const client = network ? [nsenter, '--target', String(child.pid), '--net', '--'] : []
  let closing: Promise<void> | undefined
  const layer: Layer = {
    folder,
    init,
    enter,
    client,
    run: (script, options = {}) => output([...enter, 'sh', '-c', script, 'sh', ...(options.args ?? [])], options.input),
    close() {
      closing ??= (async () => {
        child.ref()
        child.stdin.destroy()
        await ended
        await rm(folder, { recursive: true, force: true })
      })()
      return closing
    },
  }
  if (network) await join(layer, String(init))
  return layer
}

/** What a program printed; a code other than 0 is an error, with what it said. */
export function output(command: readonly string[], input?: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const [program = '', ...args] = command
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { env: { ...env, PATH, HOME: '/root', LANG: 'C.UTF-8' }, maxBuffer: 1e9 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${args.at(-1) ?? program} ended with ${error.code ?? error.signal}: ${stderr.trim() || stdout.trim()}`))
    })
    // A program may end without reading it.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}

// Both ends are in namespaces of their own, so names and addresses are the same for every machine, and clash with none.
async function join(layer: Layer, init: string): Promise<void> {
  const client = `ip link set lo up
ip link add machine type veth peer name eth0 netns ${init}
ip address add ${ADDRESS.client}/24 dev machine
ip link set machine up`
  await output([...layer.client, 'sh', '-ec', client])
  await layer.run(`set -e; ip link set lo up; ip address add ${ADDRESS.machine}/24 dev eth0; ip link set eth0 up`)
}
