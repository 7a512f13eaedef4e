/** Does so many things at once, the others wait for their turn. */
export type AtOnce = <T>(work: () => Promise<T>) => Promise<T>

export function atOnce(limit: number): AtOnce {
  let free = limit
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((go) => waiting.push(go))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
