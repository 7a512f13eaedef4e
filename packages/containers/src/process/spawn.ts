import { text } from 'node:stream/consumers'
import type { Command, Process, Secret } from '@chaos/core'
import { ChaosError, isChaosError } from '@chaos/core'
import type { Engine } from '../engine/contract.ts'
import { BEGIN } from './begin.ts'
import { END } from './end.ts'
import { whyGoneSoon } from './gone.ts'
import { inside } from './inside.ts'
import type { Inside } from './inside.ts'
import { saidInstead } from './not-begun.ts'

/** The code of what was ended by SIGKILL. */
const KILLED = 137

/**
 * Milliseconds an engine is given to notice that a container has ended: after something failed there that may have other reasons,
 * and after it could not run even the smallest program.
 */
const DOUBT = 1000
const CERTAIN = 20_000

export interface InsideContainerOptions {
  readonly engine: Engine
  readonly id: string
  /** What it is to people: `the container web`. */
  readonly label: string
  readonly user: string | undefined
  readonly env: Readonly<Record<string, string | Secret>>
  /** Told when the container is found to have ended. */
  readonly onGone: (why: ChaosError) => void
}

/** Runs commands inside a container, by its /bin/sh, and ends what they started. */
export function insideContainer({ engine, id, label, user, env, onGone }: InsideContainerOptions): Inside {
  async function gone(patience = DOUBT): Promise<ChaosError | undefined> {
    const why = await whyGoneSoon(engine, id, label, patience)
    if (why) onGone(why)
    return why
  }

  /** Gives whether nothing is left. As its own user, and as root for those who became another one: a root without capabilities may not end others. */
  async function end(leaders: readonly string[]): Promise<boolean> {
    const endAs = async (as: string | undefined): Promise<boolean> => {
      const ending = await engine.exec(id, { argv: ['/bin/sh', '-c', END.text, 'sh', ...leaders], user: as })
      ending.stdin.end()
      const [{ code }] = await Promise.all([ending.exit, text(ending.stdout), text(ending.stderr)])
      return code === 0
    }
    const ended = await Promise.allSettled([user, '0'].map(endAs))
    return ended.some((each) => each.status === 'fulfilled' && each.value)
  }

  async function endOf({ exit }: Process, meant: () => boolean): Promise<Awaited<Process['exit']>> {
    const ended = await exit.catch(async (error: unknown) => {
      throw (await gone()) ?? error
    })
    // The end of a container kills what runs in it.
    if (ended.code !== null && (ended.code !== KILLED || meant() || (await alive()))) return ended
    const why = await gone(CERTAIN)
    if (why) throw why
    return ended
  }

  async function alive(): Promise<boolean> {
    try {
      const probe = await engine.exec(id, { argv: ['/bin/sh', '-c', ':'] })
      probe.stdin.end()
      const [{ code }] = await Promise.all([probe.exit, text(probe.stdout), text(probe.stderr)])
      return code === 0
    } catch {
      return false
    }
  }

  return inside({
    begin: (command, mark, { terminal }) =>
      engine.exec(id, { argv: ['/bin/sh', '-c', BEGIN.text, 'sh', mark, '', '/bin/sh', '-c', command.text], terminal, user, env }).catch(async (error: unknown) => {
        const why = await gone()
        throw why ? lost(why) : notStarted(error, label, command)
      }),
    end,
    async notBegun(process, printed) {
      const why = await gone()
      return why ? lost(why) : noShell(process, printed, label)
    },
    exitOf: endOf,
    left: () => notEnded(engine, label),
  })
}

/** The engine of chaos connects again for this one; the container then says why it does not come back. */
function lost(cause: ChaosError): ChaosError {
  return new ChaosError('CONNECTION_LOST', { message: cause.message, ...(cause.hint === undefined ? {} : { hint: cause.hint }), cause })
}

function notEnded({ program }: Engine, label: string): ChaosError {
  return new ChaosError('PROCESS_LEFT', { message: `What was started in ${label} could not be ended; it may still run there.`, hint: `Look at it: ${program} top.` })
}

function notStarted(error: unknown, label: string, command: Command): unknown {
  if (isChaosError(error) && error.code === 'ENGINE_UNREACHABLE') return lost(error)
  // One argument of a program can hold this much on Linux.
  if (Buffer.byteLength(command.text) < 128 * 1024) return error
  return new ChaosError('SPAWN_FAILED', { message: `A command is too long for ${label} to start.`, hint: 'Send what is long on stdin.', cause: error })
}

async function noShell(process: Process, printed: string, label: string): Promise<ChaosError> {
  const { code, reason, long } = await saidInstead(process, printed)
  if (long) {
    return new ChaosError('SPAWN_FAILED', { message: `A command is too long for ${label} to start.`, hint: 'Send what is long on stdin.', details: { reason } })
  }
  return new ChaosError('CONTAINER_SHELL', {
    message: `No shell could be started in ${label}${code === null ? '' : ` (code ${code})`}: ${reason === '' ? 'it said nothing.' : reason}`,
    hint: 'chaos needs a /bin/sh in the container; an image from scratch or without a distribution has none.',
    details: { code, reason, retry: false },
  })
}
