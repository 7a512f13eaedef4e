import { randomBytes } from 'node:crypto'

/** A text that is in nothing else. Letters and digits alone: it stands unchanged in what is quoted, escaped or URL-encoded. */
export function newMark(): string {
  return `Canary${randomBytes(8).toString('hex')}`
}

/** What is looked for: the mark, and what base64 makes of it at each of the three places it can have. */
export function tracksOf(mark: string): string[] {
  const middles = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), Buffer.from(mark)]).toString('base64')
    // What only its own bytes make.
    return text.slice(offset === 0 ? 0 : offset + 1, Math.floor(((offset + mark.length) * 8) / 6))
  })
  return [mark, ...middles]
}

export function has(text: string, tracks: readonly string[]): boolean {
  return tracks.some((track) => text.includes(track))
}

/** As a person would choose it: with all that programs quote, escape or encode. */
export function awkward(mark: string): string {
  return `'w"Q$H ${mark} \\é/+%41&`
}
