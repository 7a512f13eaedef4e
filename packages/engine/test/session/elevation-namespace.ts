import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { find } from './local-connection.ts'

export interface ElevationNamespace {
  /** Put in front of a program: runs it as the unprivileged user, in the namespace. */
  readonly wrap: readonly string[]
  readonly user: string
  readonly password: string
  readonly rootPassword: string
  close(): Promise<void>
}

export interface ElevationRules {
  readonly sudoers?: string
  readonly doas?: string
}

/** Why there can be no namespace here, if there can be none. */
export function noNamespace(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root'
  const missing = ['sudo', 'doas', 'su', 'unshare', 'nsenter', 'setpriv', 'useradd', 'script'].filter((program) => !find(program))
  return missing.length > 0 ? `needs ${missing.join(', ')}` : undefined
}

/**
 * A mount namespace with an /etc of its own: users, passwords and rules of sudo and doas are made there and are gone with it.
 * The machine's own /etc is never written.
 */
export async function openElevationNamespace({ sudoers = '', doas = '' }: ElevationRules): Promise<ElevationNamespace> {
  const user = 'chaostester'
  const password = "canary pass'word \\ $HOME"
  const rootPassword = 'canary-of-root'
  const setup = `set -e
mount -t tmpfs none /mnt
cp -a /etc /mnt/etc
mount --bind /mnt/etc /etc
mount -t tmpfs -o mode=1777 none /dev/shm
rm -rf /etc/sudoers.d; mkdir /etc/sudoers.d
useradd -l -M -d / -s /bin/sh ${user} >&2
useradd -l -M -d / -s /bin/sh chaosother >&2
IFS= read -r line; printf '%s\\n' "$line" | chpasswd >&2
IFS= read -r line; printf '%s\\n' "$line" | chpasswd >&2
IFS= read -r rules; printf "$rules" >/etc/sudoers; chmod 440 /etc/sudoers
IFS= read -r rules; printf "$rules" >/etc/doas.conf; chmod 400 /etc/doas.conf
echo ready $$
read end || true`
  const child = spawn('unshare', ['-m', '--propagation', 'private', 'sh', '-c', setup], { stdio: ['pipe', 'pipe', 'pipe'] })
  const line = (text: string) => `${text.replaceAll('\\', '\\\\').replaceAll('%', '%%').replaceAll('\n', '\\n')}\\n\n`
  const defaults = 'Defaults timestamp_timeout=0, lecture=never, !syslog\n'
  child.stdin.write(`${user}:${password}\nroot:${rootPassword}\n${line(`${defaults}${sudoers}`)}${line(doas)}`)
  let said = ''
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const pid = /ready (\d+)\n/.exec(said)?.[1]
      if (pid !== undefined) resolve(pid)
    })
    child.once('exit', () => reject(new Error(`no namespace: ${errors}`)))
  })
  const pid = await ready
  return {
    user,
    password,
    rootPassword,
    wrap: ['nsenter', '-t', pid, '-m', '--', 'setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--'],
    close: async () => {
      const exit = once(child, 'exit')
      child.stdin.end()
      await exit
    },
  }
}
