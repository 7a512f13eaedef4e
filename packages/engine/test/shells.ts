import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fake } from '../../testkit/src/index.ts'

/** The shells of the connections of a fake host: what the fake started itself. */
export function shellsOf(fake: Fake, name: string): number[] {
  return fake.running(name).filter((pid) => fieldsOf(pid)[1] === String(process.pid))
}

/** Resolves when none of them runs any more. */
export async function gone(pids: readonly number[]): Promise<void> {
  while (pids.some((pid) => existsSync(`/proc/${pid}`))) await sleep(5)
}

/** Resolves when a shell has done the line that `tell` makes it be told: it waited for one, woke, and waits again. */
export async function reads(shell: number, tell: () => void): Promise<void> {
  await waits(shell)
  const before = sleepsOf(shell)
  tell()
  while (sleepsOf(shell) === before) await sleep(5)
  await waits(shell)
}

async function waits(pid: number): Promise<void> {
  while (fieldsOf(pid)[0] !== 'S') await sleep(5)
}

/** How often it has had to wait for something. */
function sleepsOf(pid: number): string | undefined {
  return /^voluntary_ctxt_switches:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
}

/** What stands behind its name in /proc/PID/stat: its state, its parent, … */
function fieldsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
  } catch {
    // It ended meanwhile.
    return []
  }
}
