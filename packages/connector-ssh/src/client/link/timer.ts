/** Tells when time is up, except while somebody is asked. */
export interface Timer {
  /** Begins anew, with another time. */
  restart(milliseconds: number): void
  stop(): void
  /** Time stands still while this runs; then it begins anew. */
  suspended<T>(work: () => Promise<T>): Promise<T>
}

export function createTimer(milliseconds: number, up: () => void): Timer {
  let allowed = milliseconds
  let waiting = 0
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const start = (): void => {
    clearTimeout(timer)
    if (stopped || waiting > 0 || allowed <= 0) return
    // After a stall of this machine, what has come meanwhile is read first.
    const mine = (timer = setTimeout(() => setImmediate(() => timer === mine && !stopped && waiting === 0 && up()), allowed))
  }
  start()
  return {
    restart(next) {
      allowed = next
      start()
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
    async suspended(work) {
      waiting++
      clearTimeout(timer)
      try {
        return await work()
      } finally {
        waiting--
        start()
      }
    },
  }
}
