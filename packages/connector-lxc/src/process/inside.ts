import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { ChaosError } from '@chaos/core'
import type { Command, Connection, Process, SpawnOptions } from '@chaos/core'
import { takePids } from '@chaos/containers/process'
import type { Lxc } from '../lxc.ts'
import { enter } from './begin.ts'
import { endProcesses } from './end.ts'

export interface InsideOptions {
  readonly base: Connection
  readonly lxc: Lxc
  readonly host: string
  /** Why nothing can run in the container any more; undefined when it runs. */
  readonly whyGone: () => Promise<ChaosError | undefined>
}

/** Processes inside a container. */
export interface Inside {
  spawn(command: Command, options?: SpawnOptions): Promise<Process>
  /** Ends all that still run. */
  end(): Promise<void>
}

/** The code of what was ended by SIGKILL: the end of a container kills what runs in it. */
const KILLED = 137

/** Runs commands inside a container, by its /bin/sh, and ends what they started. */
export function inside({ base, lxc, host, whyGone }: InsideOptions): Inside {
  const starting = new Set<Promise<unknown>>()
  const running = new Map<AbortController, { readonly pids: readonly string[]; readonly exit: Promise<unknown> }>()

  async function start(command: Command, terminal: boolean, ending: AbortController): Promise<{ process: Process; pids: readonly string[] }> {
    const mark = `chaos-${randomBytes(12).toString('hex')}`
    const process = await base.spawn(enter(lxc, command, mark), { terminal, signal: ending.signal })
    const { pids, rest } = await takePids(terminal ? process.stdout : process.stderr, mark)
    if (pids !== undefined) return { process, pids }
    const error = await notStarted(process, rest, host)
    const gone = await whyGone()
    // The engine connects again for this one; the container is then found not to run.
    throw gone ? new ChaosError('CONNECTION_LOST', { message: gone.message, host, cause: gone }) : error
  }

  async function spawn(command: Command, { signal, terminal = false }: SpawnOptions = {}): Promise<Process> {
    signal?.throwIfAborted()
    const ending = new AbortController()
    const begun = start(command, terminal, ending)
    starting.add(begun)
    const { process, pids } = await begun.finally(() => starting.delete(begun))
    // The end of lxc-attach is not the end of what it runs; it comes last.
    const stop = async (): Promise<void> => {
      await endProcesses(lxc, pids)
      ending.abort()
    }
    let stopping: Promise<void> | undefined
    const onAbort = (): void => void (stopping ??= stop())
    const exit = (async () => {
      try {
        const ended = await process.exit
        if (stopping !== undefined || ending.signal.aborted || (ended.code !== null && ended.code !== KILLED)) return ended
        const gone = await whyGone()
        if (gone) throw gone
        return ended
      } finally {
        // Whoever waits for the exit after an abort may rely on it that nothing is left.
        await stopping
        signal?.removeEventListener('abort', onAbort)
        running.delete(ending)
      }
    })()
    exit.catch(() => {})
    running.set(ending, { pids, exit })
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted) onAbort()
    return { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, exit }
  }

  return {
    spawn,
    async end() {
      await Promise.allSettled(starting)
      if (running.size === 0) return
      const left = [...running]
      await endProcesses(lxc, left.flatMap(([, { pids }]) => pids))
      for (const [ending] of left) ending.abort()
      await Promise.allSettled(left.map(([, { exit }]) => exit))
    },
  }
}

async function notStarted(process: Process, printed: string, host: string): Promise<ChaosError> {
  process.stdin.on('error', () => {})
  process.stdin.end()
  const [stdout, { code }] = await Promise.all([text(process.stdout), process.exit])
  const reason = `${printed}${stdout}`.trim().slice(0, 500)
  const long = /argument list too long/i.test(reason)
  return new ChaosError('SPAWN_FAILED', {
    message: long ? 'A command is too long to be started there.' : `Nothing could be started there (code ${code}): ${reason || 'it said nothing.'}`,
    hint: long ? 'Send what is long on stdin.' : 'See whether the container has reached a limit of processes.',
    host,
    details: { code, reason },
  })
}
