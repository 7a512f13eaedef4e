import type { ChaosError } from '@chaos/core'
import type { Link } from './contract.ts'

/** The end of a connection, which comes once, and those who are told of it. */
export interface Loss {
  gone(): ChaosError | undefined
  lose(why: ChaosError): void
  readonly onLost: Link['onLost']
}

export function createLoss(): Loss {
  const listeners = new Set<(why: ChaosError) => void>()
  let gone: ChaosError | undefined
  return {
    gone: () => gone,
    lose(why) {
      if (gone !== undefined) return
      gone = why
      for (const listener of listeners) listener(why)
      listeners.clear()
    },
    onLost(listener) {
      if (gone !== undefined) listener(gone)
      else listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
