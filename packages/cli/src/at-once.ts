import { ChaosError } from '@chaos/core'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** Milliseconds for what was stopped to end by itself, and to end the programs that it started. */
const GRACE = 1000

/** Each ends one piece of work. They are of the whole process, as its signals are. */
const underWay = new Set<() => void>()
const endAll = (): void => underWay.forEach((end) => end())

/** Whether something is under way that a signal ends at once. Who else hears signals then tells nothing of it. */
export function endsAtOnce(): boolean {
  return underWay.size > 0
}

/**
 * Work that changes nothing, and so ends at once on Ctrl-C: its signal is aborted, and INTERRUPTED is thrown. `stop` given to it
 * ends it in the same way, for another reason. Work that goes on all the same is given up.
 */
export async function atOnce<T>(what: string, work: (signal: AbortSignal, stop: (why: ChaosError) => void) => Promise<T>): Promise<T> {
  const aborted = new AbortController()
  let why: ChaosError | undefined
  let late: NodeJS.Timeout | undefined
  let giveUp: (error: unknown) => void
  const givenUp = new Promise<never>((_, reject) => (giveUp = reject))
  const stop = (error: ChaosError): void => {
    if (why) return
    why = error
    aborted.abort()
    late = setTimeout(() => {
      leaveWithout()
      giveUp(error)
    }, GRACE)
  }
  const interrupt = (): void => stop(new ChaosError('INTERRUPTED', { message: `Interrupted while ${what}. Nothing was begun.` }))
  if (underWay.size === 0) for (const signal of SIGNALS) process.on(signal, endAll)
  underWay.add(interrupt)
  try {
    const value = await Promise.race([work(aborted.signal, stop), givenUp])
    if (why) throw why
    return value
  } catch (error) {
    throw why ?? error
  } finally {
    clearTimeout(late)
    underWay.delete(interrupt)
    if (underWay.size === 0) for (const signal of SIGNALS) process.off(signal, endAll)
  }
}

/** What was given up may hold a socket or a timer open for ever: nobody waits for it once the command has its exit code. */
function leaveWithout(): void {
  setInterval(() => {
    if (process.exitCode !== undefined) process.exit()
  }, 50).unref()
}
