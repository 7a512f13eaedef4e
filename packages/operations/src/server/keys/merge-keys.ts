import { parseKeyLine, sameKey, writtenKey } from './key-line.ts'
import type { KeyLine } from './key-line.ts'

export interface WantedKeys {
  readonly keys: readonly KeyLine[]
  readonly absent: readonly KeyLine[]
  /** No others: comments stay. */
  readonly exclusive: boolean
}

export interface MergedKeys {
  readonly text: string
  readonly added: readonly KeyLine[]
  /** There before, with other options. */
  readonly changed: readonly KeyLine[]
  /** As they were written, where they were keys at all. */
  readonly removed: readonly string[]
}

/**
 * The text as it should be. A key goes by its type and itself. Its options are compared when some are wanted, and then no second
 * line may let it in with others; comments of keys are left as they are.
 */
export function mergeKeys(text: string, { keys, absent, exclusive }: WantedKeys): MergedKeys {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const met = new Set<KeyLine>()
  const changed: KeyLine[] = []
  const removed: string[] = []
  const kept = lines.flatMap((line) => {
    const key = parseKeyLine(line)
    const wanted = key && keys.find((one) => sameKey(one, key))
    if (!key || !wanted) {
      const goes = key ? exclusive || absent.some((one) => sameKey(one, key)) : exclusive && isSomething(line)
      if (goes) removed.push(line.trim())
      return goes ? [] : [line]
    }
    const first = !met.has(wanted)
    met.add(wanted)
    if (wanted.options === '' || wanted.options === key.options) return [line]
    if (!first) return []
    changed.push(wanted)
    return [writtenKey({ ...key, options: wanted.options })]
  })
  const added = keys.filter((key, index) => !met.has(key) && keys.findIndex((other) => sameKey(other, key)) === index)
  const all = [...kept, ...added.map(writtenKey)]
  // A file whose last line has no end is no difference.
  const same = added.length === 0 && all.length === lines.length && all.every((line, index) => line === lines[index])
  return { text: same ? text : all.map((line) => `${line}\n`).join(''), added, changed, removed }
}

/** A line that is neither empty nor a comment: sshd may make more of it than we do. */
function isSomething(line: string): boolean {
  return line.trim() !== '' && !line.trim().startsWith('#')
}
