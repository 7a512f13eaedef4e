import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { noDocker, noSshd } from '@chaos/testkit'

const execute = promisify(execFile)

/** Why the real Vagrant cannot be tried here; undefined if it can. */
export function noVagrant(): string | undefined {
  const reason = noDocker() ?? noSshd()
  if (reason !== undefined) return reason
  const absent = ['vagrant', 'nsenter', 'ip', 'ldd', 'ssh-keygen'].filter((program) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]).status !== 0)
  return absent.length > 0 ? `needs ${absent.join(', ')}` : undefined
}

// Vagrant wants published ports. In a network of its own the engine may have its bridge without a trace on the machine.
const INIT = `ip link set lo up
dockerd --data-root "$1/data" --exec-root "$1/exec" --pidfile "$1/pid" --host "unix://$1/docker.sock" --cgroup-parent "$2" \\
  --bip 198.51.100.1/24 --iptables=false --ip6tables=false --ip-masq=false --shutdown-timeout 2 >"$1/log" 2>&1 </dev/null &
engine=$!
cat >/dev/null
kill "$engine"
wait "$engine"`

// The end of its input, also by a SIGKILL of who wrote to it, is the order to end.
const OUTER = `exec 3<&0
unshare --net --mount --propagation private --pid --fork --kill-child --mount-proc sh -c "$1" sh "$0" "$2" <&3 3<&- >&2 &
echo "$!"
exec 3<&- >&2
wait "$!"
rmdir /sys/fs/cgroup/*/"$2" "/sys/fs/cgroup/$2" 2>/dev/null
rm -rf -- "$0"`

// This machine's sshd and busybox, and nothing else.
const IMAGE = `set -e
mkdir -p "$1" && cd "$1"
mkdir -p bin etc/ssh root/.ssh run/sshd tmp usr/sbin
chmod 1777 tmp
chmod 700 root root/.ssh
cp "$(command -v busybox)" bin/busybox
for applet in $(bin/busybox --list); do [ "$applet" = busybox ] || ln -s busybox "bin/$applet"; done
cp "$(command -v sshd)" usr/sbin/sshd
ldd usr/sbin/sshd | grep -o '/[^ ]*' | while read -r file; do mkdir -p ".\${file%/*}"; cp -L "$file" ".$file"; done
printf 'root:x:0:0:root:/root:/bin/sh\\nsshd:x:100:100::/run/sshd:/bin/false\\n' >etc/passwd
printf 'root:*:1::::::\\n' >etc/shadow
printf 'root:x:0:\\n' >etc/group
printf 'HostKey /etc/ssh/host_key\\nUsePAM no\\n' >etc/ssh/sshd_config
ssh-keygen -q -t ed25519 -N '' -f etc/ssh/host_key
ssh-keygen -q -t ed25519 -N '' -f "$2"
cp "$2.pub" root/.ssh/authorized_keys
tar --create --file "$1.tar" .`

export interface Engine {
  readonly folder: string
  /** Value of DOCKER_HOST. */
  readonly address: string
  /** A private key that root of the image takes. */
  readonly key: string
  docker(...args: readonly string[]): Promise<string>
  /** Runs a program in the engine's network. */
  inside(argv: readonly string[], cwd: string): Promise<void>
  /** A port of this machine that leads to one of the engine's network. */
  relay(port: number): Promise<number>
  close(): Promise<void>
}

/** A throw-away Docker engine in a network of its own, with the image `sshd`. Check `noVagrant` first. */
export async function startEngine(): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-vagrant-docker-'))
  const group = folder.split('/').at(-1) as string
  const child = spawn('sh', ['-c', OUTER, folder, INIT, group], { stdio: ['pipe', 'pipe', 'ignore'], detached: true })
  const ended = once(child, 'close')
  const [pid] = (await once(createInterface(child.stdout), 'line')) as [string]
  const network = `--net=/proc/${pid}/ns/net`
  const address = `unix://${folder}/docker.sock`
  const docker = async (...args: readonly string[]): Promise<string> => (await execute('docker', ['--host', address, ...args])).stdout.trim()
  const relays: Server[] = []
  while (!(await docker('version').then(() => true, () => false))) {
    if (child.exitCode !== null) throw new Error('the throw-away Docker engine has ended')
    await wait(50)
  }
  const key = join(folder, 'key')
  await execute('sh', ['-c', IMAGE, 'sh', join(folder, 'image'), key])
  await docker('import', '--change', 'EXPOSE 22', '--change', 'CMD ["/usr/sbin/sshd", "-D", "-e"]', join(folder, 'image.tar'), 'sshd')

  return {
    folder,
    address,
    key,
    docker,
    async inside(argv, cwd) {
      await execute('nsenter', [network, ...argv], { cwd })
    },
    async relay(port) {
      const server = createServer((socket) => {
        const wire = spawn('nsenter', [network, 'busybox', 'nc', '127.0.0.1', String(port)], { stdio: ['pipe', 'pipe', 'ignore'] })
        for (const stream of [socket, wire.stdin, wire.stdout]) stream.on('error', () => {})
        socket.pipe(wire.stdin)
        wire.stdout.pipe(socket)
        socket.once('close', () => wire.kill())
      })
      relays.push(server)
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    },
    async close() {
      for (const relay of relays) relay.close()
      child.stdin.destroy()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
