import { randomBytes } from 'node:crypto'
import type { ChaosError, Command, Process, SpawnOptions } from '@chaos/core'
import { takePids } from './first-line.ts'

/** How a process inside something is begun, looked at, and ended. */
export interface InsideOptions {
  /** Starts a command behind BEGIN, which says its line with this mark. `signal` is aborted after `end`, for what `end` did not see. */
  begin(command: Command, mark: string, options: { readonly terminal: boolean; readonly signal: AbortSignal }): Promise<Process>
  /** Ends all that was started by what has these pids, with END; gives whether nothing is left. */
  end(pids: readonly string[]): Promise<boolean>
  /** Why a process did not say its line: it has ended, or closed its output, and had printed this until then. */
  notBegun(process: Process, printed: string): Promise<unknown>
  /** Its exit, or a rejection with what that means: the end of a container kills what runs in it. Default: its exit. */
  exitOf?(process: Process, meant: () => boolean): Process['exit']
  /** What exits reject with when `end` leaves something. Default: they are waited for, because the abort of `signal` brings them. */
  left?(): ChaosError
}

/** Processes inside something. */
export interface Inside {
  /** Its exit after an abort comes when nothing is left. */
  spawn(command: Command, options?: SpawnOptions): Promise<Process>
  /** Ends all that still run. */
  end(): Promise<void>
}

interface Running {
  readonly pids: readonly string[]
  readonly exit: Promise<unknown>
  /** After `end`, which left nothing or did. */
  over(ended: boolean): void
}

/** Runs commands inside something, and ends them with all they started: where a stream ends, what it came from goes on there. */
export function inside({ begin, end, notBegun, exitOf = ({ exit }) => exit, left }: InsideOptions): Inside {
  const starting = new Set<Promise<unknown>>()
  const running = new Map<AbortController, Running>()
  const endAll = (pids: readonly string[]): Promise<boolean> => end(pids).catch(() => false)

  async function start(command: Command, terminal: boolean, signal: AbortSignal): Promise<{ process: Process; pids: readonly string[] }> {
    const mark = `chaos-${randomBytes(12).toString('hex')}`
    const process = await begin(command, mark, { terminal, signal })
    const { pids, rest } = await takePids(terminal ? process.stdout : process.stderr, mark)
    if (pids === undefined) throw await notBegun(process, rest)
    return { process, pids }
  }

  async function spawn(command: Command, { signal, terminal = false }: SpawnOptions = {}): Promise<Process> {
    signal?.throwIfAborted()
    const ending = new AbortController()
    const begun = start(command, terminal, ending.signal)
    starting.add(begun)
    const { process, pids } = await begun.finally(() => starting.delete(begun))
    let stopping: Promise<void> | undefined
    let giveUp = (_: ChaosError): void => {}
    const stuck = new Promise<never>((_, reject) => (giveUp = reject))
    const over = (ended: boolean): void => {
      ending.abort()
      if (!ended && left) giveUp(left())
    }
    const onAbort = (): void => void (stopping ??= endAll(pids).then(over))
    const exit = (async () => {
      try {
        return await Promise.race([exitOf(process, () => stopping !== undefined || ending.signal.aborted), stuck])
      } finally {
        // Whoever waits for the exit after an abort may rely on it that nothing is left.
        await stopping
        signal?.removeEventListener('abort', onAbort)
        running.delete(ending)
      }
    })()
    exit.catch(() => {})
    running.set(ending, { pids, exit, over })
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted) onAbort()
    return { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, exit }
  }

  return {
    spawn,
    async end() {
      await Promise.allSettled(starting)
      if (running.size === 0) return
      const all = [...running.values()]
      const ended = await endAll(all.flatMap(({ pids }) => pids))
      for (const one of all) one.over(ended)
      await Promise.allSettled(all.map(({ exit }) => exit))
    },
  }
}
