/** Whether a text fits a pattern with `*` and `?`. */
export function fits(text: string, pattern: string): boolean {
  const source = pattern.replace(/\*+/g, '*').replace(/[.*+?^${}()|[\]\\]/g, (sign) => (sign === '*' ? '.*' : sign === '?' ? '.' : `\\${sign}`))
  return new RegExp(`^${source}$`, 's').test(text)
}

/** Whether a text fits one of the patterns and none of those with a `!` in front. */
export function fitsOne(text: string, patterns: readonly string[]): boolean {
  if (patterns.some((pattern) => pattern.startsWith('!') && fits(text, pattern.slice(1)))) return false
  return patterns.some((pattern) => !pattern.startsWith('!') && fits(text, pattern))
}
