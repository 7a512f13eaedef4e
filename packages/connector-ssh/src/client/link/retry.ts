import { setTimeout as sleep } from 'node:timers/promises'
import { isChaosError } from '@chaos/core'
import type { Settings } from '../../settings/contract.ts'

/** How often a busy server is asked again, whatever ssh_connect_retries says: it turned us away without looking at us. */
const BUSY: Readonly<Record<string, number>> = { CONNECT_BUSY: 8, CONNECT_CLOSED: 2 }

/** A busy server is given more and more time, up to this many pauses at once: some logins take seconds where it has much to do. */
const LONGEST = 16

/** An error of something on the way, which has had its own tries. */
export class OnTheWay extends Error {
  constructor(cause: unknown) {
    super('a hop could not be reached', { cause })
  }
}

/** Does it again where that may help, with scattered pauses: hosts that are turned away together must not come back together. */
export async function withRetries<T>(work: () => Promise<T>, { connectRetries, retryDelay }: Settings, signal: AbortSignal): Promise<T> {
  let longer = 1
  for (let tried = 0; ; tried++) {
    try {
      return await work()
    } catch (error) {
      if (error instanceof OnTheWay) throw error.cause
      if (!isChaosError(error) || error.details?.['retry'] === false || signal.aborted) throw error
      if (tried >= Math.max(connectRetries, BUSY[error.code] ?? 0)) throw error
      if (error.code === 'CONNECT_BUSY') longer = Math.min(longer * 2, LONGEST)
    }
    const { min, max } = retryDelay
    await sleep((min + Math.random() * Math.max(0, max - min)) * longer * 1000, undefined, { signal }).catch(() => {})
  }
}
