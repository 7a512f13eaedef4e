import { SHORTEST } from './secret-forms.ts'

/** Where something was found: from `start` up to `end`. */
export interface Range {
  readonly start: number
  end: number
}

/**
 * Texts to look for, all at once. A place is looked at closer only if its first two characters start one of them,
 * so that a text costs about the same for one and for ten thousand of them.
 */
export interface Needles {
  add(needle: string): void
  /** Length of the longest. */
  readonly longest: number
  /** All places, overlapping ones as one. The first `covered` characters count as found. */
  find(text: string, covered?: number): Range[]
}

export function createNeedles(): Needles {
  const starts = new Uint8Array(1 << 16)
  const byPrefix = new Map<string, string[]>()
  let longest = 0

  /** How long the longest one is that stands here. */
  function lengthAt(text: string, at: number): number {
    if (starts[pairAt(text, at)] === 0) return 0
    const found = byPrefix.get(text.slice(at, at + SHORTEST))?.find((needle) => text.startsWith(needle, at))
    return found === undefined ? 0 : found.length
  }

  return {
    get longest() {
      return longest
    },
    add(needle) {
      const prefix = needle.slice(0, SHORTEST)
      const same = byPrefix.get(prefix) ?? []
      if (same.includes(needle)) return
      byPrefix.set(prefix, [...same, needle].toSorted((a, b) => b.length - a.length))
      starts[pairAt(needle, 0)] = 1
      longest = Math.max(longest, needle.length)
    },
    find(text, covered = 0) {
      const ranges: Range[] = covered > 0 ? [{ start: 0, end: covered }] : []
      if (longest === 0) return ranges
      let last = ranges[0]
      for (let at = 0; at <= text.length - SHORTEST; at++) {
        const length = lengthAt(text, at)
        if (length === 0) continue
        if (last !== undefined && at < last.end) last.end = Math.max(last.end, at + length)
        else ranges.push((last = { start: at, end: at + length }))
      }
      return ranges
    },
  }
}

function pairAt(text: string, at: number): number {
  return ((text.charCodeAt(at) & 0xff) << 8) | (text.charCodeAt(at + 1) & 0xff)
}
