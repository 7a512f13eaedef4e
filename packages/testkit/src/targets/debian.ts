import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { HostReference } from '@chaos/core'
import { archiveName, noDebianArchive, withDebianArchive } from './debian-archive.ts'
import { noDocker, startDocker } from './docker.ts'
import type { DockerEngine } from './docker.ts'
import { freePort } from './free-port.ts'
import { inTurn } from './in-turn.ts'
import { output } from './layer.ts'
import { find } from './missing.ts'
import { runDocker } from './run-docker.ts'

export interface DebianOptions {
  /** systemd as process 1, with its bus, and sshd as one of its services. Default false: a bare container. */
  readonly systemd?: boolean
  /** Packages that are there from the start. Each set of packages is an archive of its own, made once in a test run out of one without them. */
  readonly packages?: readonly string[]
  /**
   * Runs it, and others. Default: that of the test run, if vitest's `globalSetup` made a folder for the run (CHAOS_TEST_RUN); else an engine of
   * its own, which ends with it.
   */
  readonly engine?: DockerEngine
}

/**
 * A throw-away container of Debian 12, on this machine's network and with Debian's packages in reach. Its apt has no index yet, and
 * nothing keeps a package from starting its services.
 */
export interface Debian {
  /** Of the container. */
  readonly name: string
  readonly engine: DockerEngine
  /** As a Ch-obolo has it: `@docker/NAME`, with the engine's socket. */
  readonly host: HostReference
  /** The same over SSH, as root, with a key that every user takes. Only with systemd. */
  readonly ssh?: HostReference
  /** Runs a script as root inside, and gives what it printed; a code other than 0 is an error. */
  run(script: string): Promise<string>
  /** Removes it. */
  close(): Promise<void>
}

const BARE = ['ca-certificates']
const BOOTED = ['dbus', 'iproute2', 'libpam-systemd', 'openssh-server', 'sudo', 'systemd', 'systemd-sysv']

// Not privileged: that takes capabilities which root of a virtual machine may lack.
const SYSTEMD = ['--cap-add', 'SYS_ADMIN', '--security-opt', 'seccomp=unconfined', '--cgroupns', 'private', '--tmpfs', '/run', '--tmpfs', '/run/lock', '--tmpfs', '/tmp', '--stop-signal', 'SIGRTMIN+3']

// The engine's mounts over files that a machine has as files, and that are replaced there, go away.
const READY = `set -e
# It has its file before it listens.
until [ -S /run/systemd/private ] && systemctl show --property Version >/dev/null 2>&1; do sleep 0.05; done
systemctl is-system-running --wait >/dev/null || { systemctl list-units --failed >&2; exit 1; }
for name in hosts hostname resolv.conf
do
  cp "/etc/$name" "/run/$name"
  umount "/etc/$name"
  install -m 644 "/run/$name" "/etc/$name"
  rm "/run/$name"
done`

const images = new WeakMap<DockerEngine, Map<string, Promise<string>>>()
let known: { readonly reason: string | undefined } | undefined

/** Why there can be no throw-away Debian here, in a few words; undefined if there can. */
export function noDebian(): string | undefined {
  known ??= { reason: noDocker() ?? noDebianArchive() }
  return known.reason
}

/** Starts one. Check `noDebian` first, and let the first one of a test file have two minutes: it may have to be made. */
export async function startDebian({ systemd = false, packages = [], engine: given }: DebianOptions = {}): Promise<Debian> {
  const engine = given ?? (await runDocker()) ?? (await startDocker())
  // Unlike those of all other processes of the run.
  const name = `debian-${randomUUID().slice(0, 8)}`
  const run = (script: string): Promise<string> => engine.docker('exec', name, 'sh', '-c', script)
  const remove = async (): Promise<void> => {
    try {
      await engine.docker('rm', '--force', '--volumes', name)
      await rm(filesOf(engine, name), { recursive: true, force: true })
    } finally {
      if (!given) await engine.close()
    }
  }
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => (closing ??= remove())
  try {
    const image = await imageOf(engine, [BARE, systemd ? BOOTED : [], packages].filter((layer) => layer.length > 0))
    const options = ['--name', name, '--hostname', name, '--add-host', `${name}:127.0.1.1`, '--network', 'host']
    await engine.docker('create', ...options, ...(systemd ? [...SYSTEMD, image, '/sbin/init'] : ['--init', image, 'sleep', 'infinity']))
    const ssh = systemd ? await sshOf(engine, name) : undefined
    await engine.docker('start', name)
    if (systemd) await run(READY)
    return { name, engine, host: { name: `@docker/${name}`, data: { docker_socket: engine.socket } }, ...(ssh === undefined ? {} : { ssh }), run, close }
  } catch (error) {
    await close().catch(() => undefined)
    throw error
  }
}

function imageOf(engine: DockerEngine, layers: readonly (readonly string[])[]): Promise<string> {
  const made = images.get(engine) ?? new Map<string, Promise<string>>()
  images.set(engine, made)
  const name = `debian:${archiveName(layers)}`
  const image = made.get(name) ?? importOnce(engine, name, layers)
  made.set(name, image)
  return image
}

/** To import an archive is dear: another process of the run may have done it, or be about to. */
async function importOnce(engine: DockerEngine, name: string, layers: readonly (readonly string[])[]): Promise<string> {
  await inTurn(path.join(path.dirname(engine.socket), `${name}.lock`), async () => {
    if ((await engine.docker('images', '--quiet', name)) !== '') return
    await withDebianArchive(layers, (archive) => engine.docker('import', archive, name))
  })
  return name
}

/** Where it has files outside. */
function filesOf(engine: DockerEngine, name: string): string {
  return path.join(path.dirname(engine.socket), name)
}

/** Gives the sshd of a container that has not started yet a port of its own, and a key that every user takes. */
async function sshOf(engine: DockerEngine, name: string): Promise<HostReference> {
  const folder = filesOf(engine, name)
  const inside = path.join(folder, 'ssh')
  const port = await freePort()
  await mkdir(path.join(inside, 'sshd_config.d'), { recursive: true })
  await output([find('ssh-keygen') as string, '-q', '-t', 'ed25519', '-N', '', '-f', path.join(folder, 'key')])
  await writeFile(path.join(inside, 'testkit_authorized_keys'), await readFile(path.join(folder, 'key.pub')))
  await writeFile(
    path.join(inside, 'sshd_config.d/testkit.conf'),
    `Port ${port}\nListenAddress 127.0.0.1\nAuthorizedKeysFile /etc/ssh/testkit_authorized_keys .ssh/authorized_keys\n`,
  )
  await engine.docker('cp', `${inside}/.`, `${name}:/etc/ssh`)
  await rm(inside, { recursive: true })
  await engine.docker('cp', `${name}:/etc/ssh/ssh_host_ed25519_key.pub`, path.join(folder, 'host.pub'))
  const [type, text] = (await readFile(path.join(folder, 'host.pub'), 'utf8')).split(' ')
  await writeFile(path.join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${type} ${text}\n`)
  const files = { ssh_key: path.join(folder, 'key'), ssh_known_hosts_file: path.join(folder, 'known_hosts'), ssh_config_file: '/dev/null' }
  return { name, data: { ssh_hostname: '127.0.0.1', ssh_port: port, ssh_user: 'root', ...files } }
}
