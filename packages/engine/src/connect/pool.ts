import type { Connection } from '@chaos/core'

export type Outcome = Parameters<Connection['close']>[0]['outcome']

/** A connection that several may stand on; it is closed when the last one gives it back. */
export interface Lease {
  readonly connection: Connection
  /** Gives it back, once; resolves when it is closed, if this was the last one. */
  readonly release: (outcome: Outcome, leave?: boolean) => Promise<void>
}

/** A lease of a pool. */
export interface SharedLease extends Lease {
  /** Whether it was there before. */
  readonly joined: boolean
  /** Whoever comes from now on opens another one; those who have it keep it. */
  readonly forget: () => void
}

const RANK: readonly Outcome[] = ['dry', 'done', 'failed', 'aborted']

interface Entry {
  readonly opening: Promise<Lease>
  users: number
  /** The worst that was told; the connection ends with it. */
  outcome: Outcome
}

/** Connections by key: whoever asks for one that is open or being opened shares it. */
export function createPool(): (key: string, open: () => Promise<Lease>) => Promise<SharedLease> {
  const entries = new Map<string, Entry>()
  return async (key, open) => {
    const joined = entries.has(key)
    const entry = entries.get(key) ?? { opening: open(), users: 0, outcome: 'dry' as Outcome }
    entries.set(key, entry)
    entry.users++
    const forget = (): void => {
      if (entries.get(key) === entry) entries.delete(key)
    }
    let lease: Lease
    try {
      lease = await entry.opening
    } catch (error) {
      forget()
      throw error
    }
    let given = false
    return {
      connection: lease.connection,
      joined,
      forget,
      async release(outcome) {
        if (given) return
        given = true
        if (RANK.indexOf(outcome) > RANK.indexOf(entry.outcome)) entry.outcome = outcome
        if (--entry.users > 0) return
        forget()
        await lease.release(entry.outcome)
      },
    }
  }
}
