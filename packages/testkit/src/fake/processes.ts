import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds processes may take to end after TERM before they are killed, and until we stop waiting. */
const GRACE = 300
const LIMIT = 60_000

/** Starts a shell that is the leader of a session of its own, so that ending it ends all it started. */
export function startShell(text: string, options: { cwd: string; env: Record<string, string>; terminal: boolean }): ChildProcessWithoutNullStreams {
  const program = options.terminal ? 'script' : '/bin/sh'
  const args = options.terminal ? ['--quiet', '--return', '--echo', 'never', '--command', text, '/dev/null'] : ['-c', text]
  return spawn(program, args, { cwd: options.cwd, env: options.env, detached: true, stdio: 'pipe' })
}

/** Processes that carry `NAME=value` in their environment, zombies excepted: also those that left their session. */
export function processesWith(variable: string, value: string): number[] {
  const entry = `${variable}=${value}`
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return stateOf(pid) !== 'Z' && readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(entry)
      } catch {
        return false // It ended while we looked, or belongs to somebody else.
      }
    })
}

/** Ends processes: TERM, a moment later KILL, and waits until none of them runs. */
export async function endAll(find: () => readonly number[]): Promise<void> {
  const begin = Date.now()
  // A process in the midst of an exec has no environment to be found by: nothing must be seen twice.
  for (let empty = 0; empty < 2 && Date.now() - begin < LIMIT; await sleep(5)) {
    const left = find()
    empty = left.length === 0 ? empty + 1 : 0
    const signal = Date.now() - begin < GRACE ? 'SIGTERM' : 'SIGKILL'
    for (const pid of left) send(pid, signal)
  }
}

/** Processes that run and are among these, or belong to one that does: to its group or session, or as its child. They are added. */
export function startedBy(known: Set<number>): number[] {
  const table = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).flatMap((pid) => {
    try {
      const [state, ...belongs] = statOf(pid).slice(0, 4)
      return state === 'Z' || state === 'X' ? [] : [{ pid, belongs: belongs.map(Number) }]
    } catch {
      return [] // It ended while we looked.
    }
  })
  for (let before = -1; before !== known.size; ) {
    before = known.size
    for (const { pid, belongs } of table) if (belongs.some((each) => known.has(each))) known.add(pid)
  }
  return table.flatMap(({ pid }) => (known.has(pid) ? [pid] : []))
}

export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // Gone already.
  }
}

function stateOf(pid: number): string | undefined {
  return statOf(pid)[0]
}

/** Fields of /proc/PID/stat after the name, which stands in parentheses and may hold anything. */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
