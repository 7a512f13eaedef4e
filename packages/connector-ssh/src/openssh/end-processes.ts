import { endGroupsText } from '../client/channel/end-groups.ts'
import type { RemoteProcess } from './mux/process.ts'

/** Milliseconds to wait for a process to tell its group, for its end to be brought about, and to be told of it. */
const TELL = 5_000
const ENDING = 15_000
const TOLD = 3_000

/** Ends processes of one connection with all they started. `run` has a text run on the host, on whatever channel there is. */
export async function endProcesses(processes: readonly RemoteProcess[], run: (text: string) => Promise<void>): Promise<void> {
  await within(TELL, Promise.all(processes.map(({ told }) => told)))
  const groups = processes.flatMap(({ group }) => group() ?? [])
  if (groups.length > 0) await within(ENDING, run(endGroupsText(groups)).catch(() => {}))
  // One that never told its group, a forced command say: sshd may signal it, and its terminal hangs up.
  for (const { channel, group } of processes) if (group() === undefined) channel.tell('signal', 'KILL')
  await within(TOLD, Promise.all(processes.map(({ exit }) => exit.catch(() => {}))))
  for (const { channel } of processes) channel.close()
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)))])
  clearTimeout(timer)
}
