import type { Needles } from './needles.ts'

export interface RedactedStream {
  /** Takes a piece, gives what can be shown already. */
  write(text: string): string
  /** Gives the rest. */
  end(): string
}

/** Holds back what may be the beginning of a secret: one character less than the longest. */
export function redactStream(needles: Needles, shown: string): RedactedStream {
  let held = ''
  /** How many of the held characters belong to a secret that was shown as *** already. */
  let covered = 0

  /** Gives what stands before `cut`, and holds the rest. Every secret that starts before `cut` is complete. */
  function give(cut: number): string {
    if (cut <= 0) return ''
    const ranges = needles.find(held, covered)
    let result = ''
    let at = 0
    let next = 0
    for (const { start, end } of ranges) {
      if (start >= cut) break
      result += held.slice(at, start)
      if (!(start === 0 && covered > 0)) result += shown
      at = Math.min(end, held.length)
      next = Math.max(0, at - cut)
    }
    if (at < cut) result += held.slice(at, cut)
    held = held.slice(cut)
    covered = next
    return result
  }

  return {
    write(text) {
      held += text
      return give(held.length - Math.max(0, needles.longest - 1))
    },
    end: () => give(held.length),
  }
}
