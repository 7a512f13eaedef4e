/** What a login may print before its shell runs our line; more than that, and there will be none. Bytes. */
const NOISE = 64 << 10

/**
 * Takes the line `MARK<number>` out of a stream and passes on everything else. What comes before it (a login shell's noise) waits
 * until it is there, so that it cannot be cut in two.
 */
export function stripMark(mark: string, pass: (bytes: Buffer) => void): { feed: (bytes: Buffer) => void; end: () => void; group: Promise<number | undefined> } {
  let held: Buffer | undefined = Buffer.alloc(0)
  let tell: ((group: number | undefined) => void) | undefined
  const group = new Promise<number | undefined>((resolve) => void (tell = resolve))

  const release = (bytes: Buffer, number: number | undefined): void => {
    held = undefined
    tell?.(number)
    if (bytes.length > 0) pass(bytes)
  }
  return {
    group,
    feed(bytes) {
      if (held === undefined) return pass(bytes)
      held = Buffer.concat([held, bytes])
      const start = held.indexOf(mark)
      const end = start < 0 ? -1 : held.indexOf(0x0a, start)
      if (end < 0) return held.length > NOISE ? release(held, undefined) : undefined
      const number = Number.parseInt(held.toString('latin1', start + mark.length, end), 10)
      release(Buffer.concat([held.subarray(0, start), held.subarray(end + 1)]), number > 1 ? number : undefined)
    },
    end() {
      if (held !== undefined) release(held, undefined)
    },
  }
}
