import { sh } from '@chaos/core'
import type { Command, Connection, Process } from '@chaos/core'
import type { ExecOptions } from '@chaos/containers'
import { withEnvironment } from './environment.ts'

export interface Exec {
  readonly base: Pick<Connection, 'spawn'>
  readonly podman: Command
  readonly id: string
  readonly options: ExecOptions
}

/** Runs a program in a container. */
export async function exec({ base, podman, id, options }: Exec): Promise<Process> {
  const { terminal = false, user } = options
  // Without keys to detach: what is typed on a terminal is the program's.
  const flags = ['--interactive', ...(terminal ? ['--tty', '--detach-keys='] : []), ...(user === undefined ? [] : ['--user', user])]
  const process = await withEnvironment(options, (argv) => base.spawn(sh`exec ${podman} exec ${flags} -- ${id} ${[...argv]}`, { terminal }))
  process.stdin.on('error', () => {})
  return process
}
