import { sh } from '@chaos/core'
import type { Command, Connection, Process } from '@chaos/core'
import type { ExecOptions } from '@chaos/containers'
import { receiving } from './environment.ts'

export interface Exec {
  readonly base: Pick<Connection, 'spawn'>
  readonly podman: Command
  readonly id: string
  readonly options: ExecOptions
}

/** Runs a program in a container. */
export async function exec({ base, podman, id, options: { argv, terminal = false, user, env = {} } }: Exec): Promise<Process> {
  const { program, send } = receiving(argv, env, terminal)
  // Without keys to detach: what is typed on a terminal is the program's.
  const flags = ['--interactive', ...(terminal ? ['--tty', '--detach-keys='] : []), ...(user === undefined ? [] : ['--user', user])]
  const process = await base.spawn(sh`exec ${podman} exec ${flags} -- ${id} ${program}`, { terminal })
  // A program that ends before it has read everything is no error: `exit` tells how it ended.
  process.stdin.on('error', () => {})
  await send(process)
  return process
}
