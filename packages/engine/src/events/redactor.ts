import { isSecret } from '@chaos/core'
import { createNeedles } from './needles.ts'
import type { Range } from './needles.ts'
import { redactStream } from './redact-stream.ts'
import type { RedactedStream } from './redact-stream.ts'
import { secretForms } from './secret-forms.ts'

export const SHOWN = '***'

/** Takes secrets out of everything that is told, by value. One stands before all listeners. */
export interface Redactor {
  /** Makes a secret's text known, in all forms it may show up in. Texts under 4 characters are left alone, and truth values: every second sentence has them. */
  add(secretText: string): void
  /** `cut`: the text's own end is missing, so that what may be the beginning of a secret goes as well. */
  redact(text: string, options?: { cut?: boolean }): string
  /** A copy of an event with all its texts redacted; names and states are left as they are. */
  redactEvent<E extends object>(event: E): E
  /** For text that comes in pieces: a secret is found across their borders. */
  stream(): RedactedStream
}

/** What programs tell events and steps apart by. A secret that equals one of these must not break them. */
const NAMES = new Set(['type', 'run', 'time', 'id', 'host', 'hosts', 'role', 'roles', 'operation', 'state', 'verdict', 'code', 'outcome', 'answer', 'stream', 'risk'])

export function createRedactor(): Redactor {
  const needles = createNeedles()
  const known = new Set<string>()

  function redact(text: string, { cut = false } = {}): string {
    const found = needles.find(text)
    const ranges = cut ? withEnd(found, needles.beginning(text), text.length) : found
    if (ranges.length === 0) return text
    let result = ''
    let at = 0
    for (const { start, end } of ranges) {
      result += text.slice(at, start) + SHOWN
      at = end
    }
    return result + text.slice(at)
  }

  function deep(value: unknown, name: string | undefined, free: boolean): unknown {
    if (typeof value === 'string') return !free && name !== undefined && NAMES.has(name) ? value : redact(value)
    if (typeof value !== 'object' || value === null) return value
    if (isSecret(value)) return SHOWN
    if (Array.isArray(value)) return value.map((each) => deep(each, name, free))
    // Bytes tell nothing to a listener, and could hold anything.
    if (ArrayBuffer.isView(value)) return { bytes: value.byteLength }
    // What is in details was not named by us: its names may be secrets too.
    const own = free || name === 'details'
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [own ? redact(key) : key, deep(each, key, own)]))
  }

  return {
    add(text) {
      if (known.has(text)) return
      known.add(text)
      for (const form of secretForms(text)) needles.add(form)
    },
    redact,
    redactEvent: <E extends object>(event: E): E => deep(event, undefined, false) as E,
    stream: () => redactStream(needles, SHOWN),
  }
}

/** What begins at `from` goes up to the end of the text, as one with what it meets. */
function withEnd(found: readonly Range[], from: number | undefined, end: number): readonly Range[] {
  if (from === undefined) return found
  const before = found.filter((each) => each.end <= from)
  return [...before, { start: Math.min(from, found[before.length]?.start ?? from), end }]
}
