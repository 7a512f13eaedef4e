import { randomBytes } from 'node:crypto'

/** A mark longer than this, noise before it included, is no longer waited for. */
const NOISE = 64 * 1024

/**
 * How the process of a channel is learnt without a round trip: its shell says its number on stderr before anything else, behind
 * a word that nobody else knows, and that line is taken out again. `$$` is the leader of the group that sshd made for it.
 */
export interface PidMark {
  /** The text with the line in front. */
  readonly text: string
  /** Takes the line out of what comes. */
  readonly strip: Strip
  readonly pid: () => number | undefined
  /** Resolves when it is known. */
  readonly known: Promise<void>
}

export interface Strip {
  (chunk: Buffer): Buffer
  /** What was held back, at the end of the stream. */
  rest(): Buffer
}

export function markPid(text: string): PidMark {
  const word = randomBytes(12).toString('hex')
  const mark = Buffer.from(`${word}:`)
  let held = Buffer.alloc(0)
  let seen = 0
  let pid: number | undefined
  let over = false
  let tell = (): void => {}
  const known = new Promise<void>((resolve) => {
    tell = resolve
  })

  const strip = (chunk: Buffer): Buffer => {
    if (over) return chunk
    const all = Buffer.concat([held, chunk])
    const at = all.indexOf(mark)
    const end = at < 0 ? -1 : all.indexOf('\n', at)
    if (end >= 0) {
      pid = Number(all.toString('latin1', at + mark.length, end))
      over = true
      held = Buffer.alloc(0)
      tell()
      return Buffer.concat([all.subarray(0, at), all.subarray(end + 1)])
    }
    // What a login shell prints before may pass; only what may be the beginning of the mark is held.
    seen += chunk.length
    over = seen > NOISE
    const keep = over ? 0 : at >= 0 ? all.length - at : Math.min(all.length, mark.length - 1)
    held = Buffer.from(all.subarray(all.length - keep))
    return all.subarray(0, all.length - keep)
  }
  const rest = (): Buffer => {
    over = true
    return held
  }

  // The halves stand apart, so that a shell that shows the command (set -v, an error) does not say the word.
  return { text: `echo ${word.slice(0, 12)}""${word.slice(12)}:$$ >&2; ${text}`, strip: Object.assign(strip, { rest }), pid: () => pid, known }
}
