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
  /** Where the end of a text may be the beginning of one, the earliest such place; undefined where there is none. */
  beginning(text: string): number | undefined
}

export function createNeedles(): Needles {
  const starts = new Uint8Array(1 << 16)
  const byPrefix = new Map<string, Bucket>()
  let longest = 0

  function bucketAt(text: string, at: number): Bucket | undefined {
    return starts[pairAt(text, at)] === 0 ? undefined : byPrefix.get(text.slice(at, at + SHORTEST))
  }

  return {
    get longest() {
      return longest
    },
    add(needle) {
      const prefix = needle.slice(0, SHORTEST)
      const bucket = byPrefix.get(prefix) ?? createBucket()
      byPrefix.set(prefix, bucket)
      bucket.add(needle)
      starts[pairAt(needle, 0)] = 1
      longest = Math.max(longest, needle.length)
    },
    find(text, covered = 0) {
      const ranges: Range[] = covered > 0 ? [{ start: 0, end: covered }] : []
      if (longest === 0) return ranges
      let last = ranges[0]
      for (let at = 0; at <= text.length - SHORTEST; at++) {
        const length = bucketAt(text, at)?.lengthAt(text, at) ?? 0
        if (length === 0) continue
        if (last !== undefined && at < last.end) last.end = Math.max(last.end, at + length)
        else ranges.push((last = { start: at, end: at + length }))
      }
      return ranges
    },
    beginning(text) {
      for (let at = Math.max(0, text.length - longest + 1); at <= text.length - SHORTEST; at++) {
        if (bucketAt(text, at)?.begins(text.slice(at))) return at
      }
      return undefined
    },
  }
}

/** Texts that begin with the same characters. The lines of a long file may all do so: none of them is looked at one by one. */
interface Bucket {
  add(needle: string): void
  /** How long the longest one is that stands here; 0 = none. */
  lengthAt(text: string, at: number): number
  /** Whether one of them begins so. */
  begins(text: string): boolean
}

interface Sorted {
  readonly texts: readonly string[]
  /** Of each: the index of the longest other one that it begins with, or -1. */
  readonly within: readonly number[]
  readonly longest: number
}

function createBucket(): Bucket {
  const all = new Set<string>()
  let made: Sorted | undefined
  const sorted = (): Sorted => (made ??= sort(all))

  return {
    add(needle) {
      if (all.has(needle)) return
      all.add(needle)
      made = undefined
    },
    lengthAt(text, at) {
      const { texts, within, longest } = sorted()
      // What stands here begins with the last one before it in the order of texts, or with one that this one begins with.
      let index = firstAfter(texts, text.slice(at, at + longest)) - 1
      while (index >= 0 && !text.startsWith(texts[index] as string, at)) index = within[index] as number
      return index < 0 ? 0 : (texts[index] as string).length
    },
    begins(text) {
      const { texts } = sorted()
      return texts[firstAfter(texts, text)]?.startsWith(text) === true || all.has(text)
    },
  }
}

function sort(all: ReadonlySet<string>): Sorted {
  const texts = [...all].toSorted()
  const within: number[] = []
  let longest = 0
  for (const [index, text] of texts.entries()) {
    let before = index - 1
    while (before >= 0 && !text.startsWith(texts[before] as string)) before = within[before] as number
    within.push(before)
    longest = Math.max(longest, text.length)
  }
  return { texts, within, longest }
}

/** Index of the first of sorted texts that comes behind this one. */
function firstAfter(texts: readonly string[], text: string): number {
  let low = 0
  let high = texts.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((texts[middle] as string) <= text) low = middle + 1
    else high = middle
  }
  return low
}

function pairAt(text: string, at: number): number {
  return ((text.charCodeAt(at) & 0xff) << 8) | (text.charCodeAt(at + 1) & 0xff)
}
