/** The words of a command line up to the cursor, as a POSIX shell parts them; the last is the one that is being written, and may be empty. */
export function wordsOf(line: string): string[] {
  return partedLine(line).words
}

/** The same, and the quote that is still open in the last word: a quotation mark, or nothing. */
export function partedLine(line: string): { words: string[]; quote: string } {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let index = 0; index < line.length; index++) {
    const each = line[index] as string
    if (quote !== '') {
      if (each === quote) quote = ''
      else if (each === '\\' && quote === '"' && /["\\$`]/.test(line[index + 1] ?? '')) word = (word ?? '') + (line[++index] as string)
      else word = (word ?? '') + each
    } else if (each === ' ' || each === '\t' || each === '\n') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (each === '"' || each === "'") {
      quote = each
      word ??= ''
    } else word = (word ?? '') + (each === '\\' ? (line[++index] ?? '') : each)
  }
  return { words: [...words, word ?? ''], quote }
}

/** Readline breaks words at these, and leaves them at the beginning of what it completes. */
const KEPT = '@$'

/** What of a candidate bash wants, which parts words at these characters too: all behind the last of them in the word that is being written. */
export function behindBreak(candidate: string, word: string, breaks: string): string {
  const last = Math.max(...[...breaks].filter((each) => !/\s/.test(each)).map((each) => word.lastIndexOf(each)), -1)
  const head = KEPT.includes(word[last] ?? ' ') ? last : last + 1
  return candidate.startsWith(word.slice(0, head)) ? candidate.slice(head) : candidate
}

/** What no shell of the three reads as anything but itself, wherever it stands in a word. */
const PLAIN = /^[\p{L}\p{N}@%+=:,./_-]$/u

/**
 * What bash is given, which puts it into the line as it is: names come from files and packages of others, and `$(…)` in one must stay a name. Undefined
 * for what cannot be written where an open quote stands.
 */
export function quotedForBash(candidate: string, quote: string): string | undefined {
  if (quote === '"') return /["$`\\!]/.test(candidate) ? undefined : candidate
  if (quote === "'") return candidate.includes("'") ? undefined : candidate
  return [...candidate].map((each) => (PLAIN.test(each) ? each : `\\${each}`)).join('')
}
