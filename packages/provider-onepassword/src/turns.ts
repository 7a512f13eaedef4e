/** How many op at once: each asks 1Password over the network. */
const AT_ONCE = 4

export interface Turns {
  take<T>(work: () => Promise<T>): Promise<T>
}

/** Lets the first go alone, because the app asks the user once for all that come after; then several at a time. */
export function makeTurns(): Turns {
  let free = 1
  let opened = false
  const waiting: (() => void)[] = []

  function give(count: number): void {
    free += count
    while (free > 0 && waiting.length > 0) {
      free--
      waiting.shift()?.()
    }
  }

  return {
    async take(work) {
      if (free > 0) free--
      else await new Promise<void>((resolve) => waiting.push(resolve))
      let went = false
      try {
        const result = await work()
        went = true
        return result
      } finally {
        give(went && !opened ? AT_ONCE : 1)
        opened ||= went
      }
    },
  }
}
