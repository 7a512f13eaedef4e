import { text } from 'node:stream/consumers'
import { sh } from '@chaos/core'
import type { Command, Connection } from '@chaos/core'

/** What the programs of LXC say when asked about one container. */
export interface Lxc {
  /** A command of LXC for this container: `lxc-stop`, with what stands behind its options. */
  command(program: string, ...rest: readonly Command[]): Command
  ask(command: Command, signal?: AbortSignal): Promise<Said>
  /** `RUNNING`, `STOPPED`, `FROZEN`, …; undefined with what was said = there is none that could be seen. */
  state(signal?: AbortSignal): Promise<{ readonly state: string | undefined; readonly said: Said }>
  /** Names of the containers there are. */
  names(signal?: AbortSignal): Promise<readonly string[]>
}

export interface Said {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface LxcOptions {
  readonly base: Connection
  readonly name: string
  readonly path: string | undefined
  readonly sudo: boolean
}

export function lxcOf({ base, name, path, sudo }: LxcOptions): Lxc {
  const become = sudo ? sh`sudo -n --` : sh``
  const where = path === undefined ? sh`` : sh`-P ${path}`

  async function ask(command: Command, signal?: AbortSignal): Promise<Said> {
    const process = await base.spawn(command, signal && { signal })
    process.stdin.on('error', () => {})
    process.stdin.end()
    const [stdout, stderr, { code }] = await Promise.all([text(process.stdout), text(process.stderr), process.exit])
    signal?.throwIfAborted()
    return { code, stdout: stdout.trim(), stderr: stderr.trim() }
  }

  const command: Lxc['command'] = (program, ...rest) => sh`exec ${become} ${program} ${where} -n ${name} ${[...rest]}`
  return {
    command,
    ask,
    async state(signal) {
      const said = await ask(command('lxc-info', sh`-s -H`), signal)
      return { state: said.code === 0 && said.stdout !== '' ? said.stdout : undefined, said }
    },
    async names(signal) {
      const { stdout } = await ask(sh`exec ${become} lxc-ls -1 ${where}`, signal)
      return stdout.split('\n').map((each) => each.trim()).filter(Boolean)
    },
  }
}
