import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { ChaosError } from '@chaos/core'
import type { Command, Connection, Process, SpawnOptions } from '@chaos/core'
import { takePids } from '@chaos/containers/process'
import type { Root } from '../root/prepare.ts'
import { enter } from './begin.ts'
import { endProcesses } from './end.ts'

/** Processes inside a root. */
export interface Inside {
  spawn(command: Command, options?: SpawnOptions): Promise<Process>
  /** Ends all that still run. */
  end(): Promise<void>
}

/** Runs commands inside a root, by its /bin/sh, and ends what they started. */
export function inside(base: Connection, root: Root, host: string): Inside {
  const starting = new Set<Promise<unknown>>()
  const running = new Map<AbortController, { readonly pids: readonly string[]; readonly exit: Promise<unknown> }>()
  let gone = false
  void root.holder?.ended.then(() => (gone = true))

  async function start(command: Command, terminal: boolean, ending: AbortController): Promise<{ process: Process; pids: readonly string[] }> {
    const mark = `chaos-${randomBytes(12).toString('hex')}`
    const process = await base.spawn(enter(root, command, mark), { terminal, signal: ending.signal })
    const { pids, rest } = await takePids(terminal ? process.stdout : process.stderr, mark)
    if (pids === undefined) throw await notStarted(process, rest, host)
    return { process, pids }
  }

  async function spawn(command: Command, { signal, terminal = false }: SpawnOptions = {}): Promise<Process> {
    signal?.throwIfAborted()
    if (gone) throw new ChaosError('CONNECTION_LOST', { message: `The process that holds the mounts of ${root.path} has ended.`, host })
    const ending = new AbortController()
    const begun = start(command, terminal, ending)
    starting.add(begun)
    const { process, pids } = await begun.finally(() => starting.delete(begun))
    // What the machine underneath ends by itself may be less: it knows what it started, not what changed its group since.
    const stop = async (): Promise<void> => {
      await endProcesses(base, pids, root.sudo)
      ending.abort()
    }
    let stopping: Promise<void> | undefined
    const onAbort = (): void => void (stopping ??= stop())
    const exit = (async () => {
      try {
        return await process.exit
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
      await endProcesses(base, left.flatMap(([, { pids }]) => pids), root.sudo)
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
    hint: long ? 'Send what is long on stdin.' : 'See whether the machine underneath has reached a limit of processes.',
    host,
    details: { code, reason },
  })
}
