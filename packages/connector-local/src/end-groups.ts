import { readFile, readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long processes may take to end after TERM before they are killed, and to vanish after KILL. Milliseconds. */
const GRACE = 700
const VANISH = 2000

/** Ends a process group: TERM, a moment later KILL, and waits until nothing of it runs. */
export async function endGroups(leader: number, terminal: boolean): Promise<void> {
  // On a pty the program stands in a session of its own below `script`, which a signal to the group of `script` does not reach.
  const groups = terminal ? [...(await children(leader)), leader] : [leader]
  await endAll(groups, 'SIGTERM', GRACE)
  await endAll(groups, 'SIGKILL', VANISH)
}

async function endAll(groups: readonly number[], signal: NodeJS.Signals, milliseconds: number): Promise<void> {
  let left = groups.filter((group) => send(group, signal))
  const limit = Date.now() + milliseconds
  for (let pause = 2; left.length > 0 && Date.now() < limit; pause = Math.min(pause * 2, 100)) {
    await sleep(pause)
    left = left.filter((group) => send(group, 0))
    if (left.length > 0 && !(await runs(left))) return
  }
}

/** Whether anything was there to be told. */
function send(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal)
  } catch (error) {
    // EPERM: something is left that changed its user (sudo); it is there, but not ours to end.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether any process of the groups runs: a zombie that init has not collected yet still takes signals. Without /proc, yes. */
async function runs(groups: readonly number[]): Promise<boolean> {
  const pids = await readdir('/proc').catch(() => undefined)
  if (pids === undefined || !pids.includes('self')) return true
  const found = await Promise.all(
    pids.filter((name) => /^\d+$/.test(name)).map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      // Field 2 is a name in parentheses that may hold anything; state, parent and group follow the last one.
      const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return state !== undefined && !'ZX'.includes(state) && groups.includes(Number(group))
    }),
  )
  return found.includes(true)
}

async function children(pid: number): Promise<number[]> {
  try {
    const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return text.split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}
