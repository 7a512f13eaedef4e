import { setTimeout as sleep } from 'node:timers/promises'
import { isChaosError } from '@chaos/core'

/** Milliseconds before the first retry; doubled for each further one, up to the last. */
const FIRST = 500
const LAST = 10_000

/** Does it again when it fails, with growing and scattered pauses. Never after an error whose `details.retry` is false: a wrong password locks accounts. */
export async function withRetries<T>(work: () => Promise<T>, { retries, signal, firstPause = FIRST }: { retries: number; signal: AbortSignal; firstPause?: number | undefined }): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await work()
    } catch (error) {
      if (tried >= retries || signal.aborted || (isChaosError(error) && error.details?.['retry'] === false)) throw error
    }
    const pause = Math.min(firstPause * 2 ** tried, LAST)
    // Scattered, so that many hosts behind one that is busy do not all come back together.
    await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal })
  }
}
