import type { Span } from './tree.ts'

export interface Replacement extends Span {
  by: string
}

/** The text with spans replaced; they must not overlap. */
export function splice(text: string, replacements: readonly Replacement[]): string {
  let result = ''
  let from = 0
  for (const { start, end, by } of replacements.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(from, start) + by
    from = end
  }
  return result + text.slice(from)
}

export function span({ start, end }: Span): Span {
  return { start, end }
}
