import type { Command, Process, SpawnOptions } from '@chaos/core'
import type { ClientChannel } from 'ssh2'
import { connectionClosed } from '../errors.ts'
import type { Place } from '../errors.ts'
import type { Link } from '../link/contract.ts'
import type { Budget, Slot } from './budget.ts'
import { endGroupsText } from './end-groups.ts'
import { execute } from './exec.ts'
import type { Executed } from './exec.ts'
import { markPid } from './pid.ts'
import { readableOf, writableOf } from './streams.ts'

/** Milliseconds to wait for a process to say its number, to be told of its end, and for its end to be brought about. */
const NUMBER = 5000
const TOLD = 3000
const ENDING = 15_000

interface Running {
  readonly link: Link
  readonly channel: ClientChannel
  readonly pid: () => number | undefined
  readonly pidKnown: Promise<void>
  readonly exited: Promise<unknown>
  /** It is left alone: whoever waits is told that it was ended. */
  readonly abandon: () => void
}

export interface Spawner {
  spawn(command: Command, options?: SpawnOptions): Promise<Process>
  /** Ends all that runs; nothing is started after it. */
  close(): Promise<void>
  /** Leaves what runs to the end of its stdin; nothing is started after it. */
  leave(): Promise<void>
}

/** Runs commands on the session channels of a host. */
export function createSpawner(place: Place, budget: Budget): Spawner {
  const running = new Set<Running>()
  let closed = false

  async function start(slot: Slot, command: Command, terminal: boolean): Promise<{ process: Process; entry: Running; ending: Ending }> {
    const { text, strip, pid, known } = markPid(command.text)
    const { channel, exit } = await execute(place, slot.link, text, { terminal })
    channel.on('close', slot.release)
    channel.on('error', () => {})
    channel.stderr.on('error', () => {})
    const ending: Ending = { ended: undefined }
    const entry: Running = { link: slot.link, channel, pid, pidKnown: known, exited: exit.promise.catch(() => {}), abandon: exit.abandon }
    running.add(entry)
    void entry.exited.then(() => running.delete(entry))
    // Whoever waits for the exit after an abort may rely on it that nothing is left.
    const told = exit.promise.then(
      async (end) => {
        await ending.ended
        return end
      },
      async (error: unknown) => {
        await ending.ended
        throw error
      },
    )
    told.catch(() => {})
    return {
      entry,
      ending,
      process: {
        stdin: writableOf(channel),
        stdout: readableOf(channel, terminal ? strip : undefined),
        stderr: readableOf(channel.stderr, terminal ? undefined : strip),
        exit: told,
      },
    }
  }

  async function end(entries: readonly Running[]): Promise<void> {
    const waiting = entries.filter(({ link }) => link.gone === undefined)
    await within(NUMBER, Promise.all(waiting.map(({ pidKnown, exited }) => Promise.race([pidKnown, exited]))))
    const links = new Set(waiting.map(({ link }) => link))
    await Promise.all(
      [...links].map(async (link) => {
        const here = waiting.filter((entry) => entry.link === link)
        const pids = here.flatMap(({ pid }) => pid() ?? [])
        if (pids.length > 0) await within(ENDING, kill(link, pids).catch(() => {}))
        for (const { channel, pid } of here) if (pid() === undefined) channel.signal('KILL')
      }),
    )
    await within(TOLD, Promise.all(waiting.map(({ exited }) => exited)))
    for (const { channel, abandon } of waiting) {
      abandon()
      channel.close()
    }
  }

  /** On a channel beyond the budget of the same connection, since sshd leaves room there; else on another one. */
  async function kill(link: Link, pids: readonly number[]): Promise<void> {
    const text = endGroupsText(pids)
    try {
      await ran(await execute(place, link, text, { terminal: false }))
    } catch {
      await budget.open(async (slot) => {
        const executed = await execute(place, slot.link, text, { terminal: false })
        executed.channel.on('close', slot.release)
        await ran(executed)
      })
    }
  }

  return {
    async spawn(command, { signal, terminal = false } = {}) {
      signal?.throwIfAborted()
      if (closed) throw connectionClosed(place)
      const starting = budget.open((slot) => start(slot, command, terminal))
      const { process, entry, ending } = await unlessAborted(starting, signal, ({ entry: late }) => end([late]))
      const onAbort = (): void => void (ending.ended ??= end([entry]))
      signal?.addEventListener('abort', onAbort, { once: true })
      void entry.exited.then(() => signal?.removeEventListener('abort', onAbort))
      if (signal?.aborted || closed) onAbort()
      return process
    },
    async close() {
      closed = true
      if (running.size > 0) await end([...running])
    },
    async leave() {
      closed = true
      for (const { abandon } of running) abandon()
    },
  }
}

interface Ending {
  /** Set once it is being ended. */
  ended: Promise<void> | undefined
}

/** A host that does not answer must not hold whoever gives up; what is started nevertheless is undone. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined, undo: (value: T) => Promise<void>): Promise<T> {
  if (signal === undefined) return work
  let stop = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      work.then(undo).catch(() => {})
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Waits until a channel that nobody reads is over. */
function ran({ channel }: Executed): Promise<void> {
  return new Promise((resolve) => {
    channel.once('close', resolve)
    channel.on('error', () => {})
    channel.resume()
    channel.stderr.resume()
    channel.end()
  })
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)))])
  clearTimeout(timer)
}
