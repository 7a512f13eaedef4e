import { text } from 'node:stream/consumers'
import type { Mux } from './mux.ts'
import { startProcess } from './process.ts'
import type { RemoteProcess } from './process.ts'

/** How long the host may take to tell a process group, and to end one. Milliseconds. */
const PATIENCE = 8_000

/**
 * Ends processes with all they started, over a channel of its own: TERM, a moment later KILL. Where the host opens none, sshd is
 * asked to kill what runs in their own channels.
 */
export async function endProcesses(mux: Mux, processes: readonly RemoteProcess[]): Promise<void> {
  await inTime(killGroups(mux, processes))
  // What could not be reached through its group: sshd itself may signal it (OpenSSH since 7.9), and its terminal hangs up.
  for (const { channel } of processes) channel.tell('signal', 'KILL')
  await inTime(Promise.all(processes.map(({ exit }) => exit.catch(() => {}))))
  for (const { channel } of processes) channel.close()
}

async function killGroups(mux: Mux, processes: readonly RemoteProcess[]): Promise<void> {
  const told = await Promise.all(processes.map(({ group }) => group))
  const groups = told.filter((group) => group !== undefined)
  if (groups.length === 0) return
  try {
    const killer = await startProcess(mux, { text: killText(groups), terminal: false, forwardAgent: false })
    killer.stdin.end()
    await Promise.all([text(killer.stdout), text(killer.stderr), killer.exit])
  } catch {
    // Its channels are told next.
  }
}

/** For any POSIX shell: `kill -TERM -- -N` is an error for dash. A zombie that nobody collects still takes signals, so the waiting ends. */
function killText(groups: readonly number[]): string {
  return `all() { r=1; for g in ${groups.join(' ')}; do kill -s "$1" -- "-$g" 2>/dev/null && r=0; done; return $r; }
pass() { i=0; while [ $i -lt "$1" ] && all 0; do sleep 0.05 2>/dev/null || sleep 1; i=$((i+1)); done; }
all TERM; pass 14; all KILL; pass 40; exit 0`
}

async function inTime(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([work, new Promise<void>((resolve) => void (timer = setTimeout(resolve, PATIENCE)))])
  clearTimeout(timer)
}
