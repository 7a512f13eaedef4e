import { readFile, readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long processes may take to end after TERM before they are killed, and to vanish after KILL. Milliseconds. */
const GRACE = 700
const VANISH = 2000

/**
 * Ends what has a process as its leader: its group, its session, and what descends from it. TERM, a moment later KILL, and waits until
 * nothing of it runs. What has made a session of its own and lost its parent is a daemon, and stays.
 */
export async function endGroups(leader: number): Promise<void> {
  const known = new Set([leader])
  for (const [signal, milliseconds] of [['SIGTERM', GRACE], ['SIGKILL', VANISH]] as const) {
    const found = await members(known)
    // The group too: what was started since we looked is in it.
    for (const each of [-leader, ...(found ?? [])]) send(each, signal)
    if (await vanished(leader, known, milliseconds)) return
  }
}

async function vanished(leader: number, known: Set<number>, milliseconds: number): Promise<boolean> {
  const limit = Date.now() + milliseconds
  for (let pause = 2; Date.now() < limit; pause = Math.min(pause * 2, 100)) {
    await sleep(pause)
    const found = await members(known)
    if (found === undefined ? !send(-leader, 0) : found.length === 0) return true
  }
  return false
}

/** Whether anything was there to be told. */
function send(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, signal)
  } catch (error) {
    // EPERM: something is left that changed its user (sudo); it is there, but not ours to end.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Processes that run, zombies excepted, and are known or belong to one that is: those are known by their number from then on, for they
 * may lose their parent before they end themselves. Undefined without /proc.
 */
async function members(known: Set<number>): Promise<number[] | undefined> {
  const names = await readdir('/proc').catch(() => undefined)
  if (names === undefined || !names.includes('self')) return undefined
  const table = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      // Field 2 is a name in parentheses that may hold anything; state, parent, group and session follow the last one.
      const [state = 'X', ...belongs] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(0, 4)
      return { pid: Number(pid), runs: !'ZX'.includes(state), belongs: belongs.map(Number) }
    }),
  )
  for (let before = -1; before !== known.size; ) {
    before = known.size
    for (const { pid, runs, belongs } of table) if (runs && belongs.some((each) => known.has(each))) known.add(pid)
  }
  return table.filter(({ pid, runs }) => runs && known.has(pid)).map(({ pid }) => pid)
}
