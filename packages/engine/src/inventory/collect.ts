/** The items of an iterable that a plugin gives: at most `limit` of them (then `tooMany` makes the error), and no longer than the signal lets it. */
export async function collect<T>(items: Iterable<T> | AsyncIterable<T>, { limit, signal, tooMany }: { limit: number; signal: AbortSignal; tooMany: () => Error }): Promise<T[]> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  const found: T[] = []
  let ended = false
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error)
    signal.addEventListener('abort', stop, { once: true })
  })
  aborted.catch(() => {})
  try {
    signal.throwIfAborted()
    for (;;) {
      const next = await Promise.race([Promise.resolve(iterator.next()), aborted])
      if (next.done === true) {
        ended = true
        return found
      }
      if (found.length === limit) throw tooMany()
      found.push(next.value)
    }
  } finally {
    if (stop) signal.removeEventListener('abort', stop)
    // Not waited for: a generator that hangs would hang its return as well.
    if (!ended) void Promise.resolve(iterator.return?.()).catch(() => {})
  }
}
