import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import type { Command, Process, Secret, SpawnOptions } from '@chaos/core'
import { ChaosError, script } from '@chaos/core'
import type { Engine } from '../engine/contract.ts'
import { END } from './end.ts'
import { takeNumber } from './first-line.ts'
import { whyGone } from './gone.ts'

/** Says which process it is, in a line that is taken out again, and becomes the shell of the command. */
const BEGIN = script('echo "$1 $$" >&2; exec /bin/sh -c "$2"')

export interface InsideOptions {
  readonly engine: Engine
  readonly id: string
  /** What it is to people: `the container web`. */
  readonly label: string
  readonly user: string | undefined
  readonly env: Readonly<Record<string, string | Secret>>
}

/** Processes inside a container. */
export interface Inside {
  spawn(command: Command, options?: SpawnOptions): Promise<Process>
  /** Ends all that still run. */
  end(): Promise<void>
}

/** Runs commands inside a container, by its /bin/sh, and ends what they started. */
export function inside({ engine, id, label, user, env }: InsideOptions): Inside {
  const running = new Map<number, Promise<unknown>>()

  async function end(leaders: readonly number[]): Promise<void> {
    // As root: what runs may have become another user, and root's number is the same in every image.
    const ending = await engine.exec(id, { argv: ['/bin/sh', '-c', END.text, 'sh', ...leaders.map(String)], user: '0' })
    ending.stdin.end()
    await Promise.all([text(ending.stdout), text(ending.stderr), ending.exit])
  }

  async function spawn(command: Command, { signal, terminal = false }: SpawnOptions = {}): Promise<Process> {
    signal?.throwIfAborted()
    const mark = randomBytes(12).toString('hex')
    const argv = ['/bin/sh', '-c', BEGIN.text, 'sh', mark, command.text] as const
    const process = await engine.exec(id, { argv: [...argv], terminal, user, env }).catch(async (error: unknown) => {
      throw (await whyGone(engine, id, label)) ?? notStarted(error, label, command)
    })
    const { number: leader, rest } = await takeNumber(terminal ? process.stdout : process.stderr, mark)
    if (leader === undefined) throw (await whyGone(engine, id, label)) ?? (await noShell(process, rest, label))

    let ending: Promise<void> | undefined
    const onAbort = (): void => void (ending ??= end([leader]).catch(() => {}))
    const exit = (async () => {
      try {
        return await endOf(process)
      } finally {
        signal?.removeEventListener('abort', onAbort)
        // Whoever waits for the exit after an abort may rely on it that nothing is left.
        await ending
        running.delete(leader)
      }
    })()
    exit.catch(() => {})
    running.set(leader, exit)
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted) onAbort()
    return { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, exit }
  }

  async function endOf({ exit }: Process): Promise<Awaited<Process['exit']>> {
    const ended = await exit.catch(async (error: unknown) => {
      throw (await whyGone(engine, id, label)) ?? error
    })
    // The end of a container kills what runs in it.
    const gone = ended.code === null || ended.code > 128 ? await whyGone(engine, id, label) : undefined
    if (gone) throw gone
    return ended
  }

  return {
    spawn,
    async end() {
      if (running.size === 0) return
      const exits = [...running.values()]
      await end([...running.keys()])
      await Promise.allSettled(exits)
    },
  }
}

function notStarted(error: unknown, label: string, command: Command): unknown {
  // One argument of a program can hold this much on Linux.
  if (Buffer.byteLength(command.text) < 128 * 1024) return error
  return new ChaosError('SPAWN_FAILED', { message: `A command is too long for ${label} to start.`, hint: 'Send what is long on stdin.', cause: error })
}

async function noShell(process: Process, printed: string, label: string): Promise<ChaosError> {
  process.stdin.end()
  const [stdout, { code }] = await Promise.all([text(process.stdout), process.exit])
  const reason = `${printed}${stdout}`.trim().slice(0, 500)
  if (/argument list too long/i.test(reason)) {
    return new ChaosError('SPAWN_FAILED', { message: `A command is too long for ${label} to start.`, hint: 'Send what is long on stdin.', details: { reason } })
  }
  return new ChaosError('CONTAINER_SHELL', {
    message: `No shell could be started in ${label}${code === null ? '' : ` (code ${code})`}: ${reason === '' ? 'it said nothing.' : reason}`,
    hint: 'chaos needs a /bin/sh in the container; an image from scratch or without a distribution has none.',
    details: { code, reason, retry: false },
  })
}
