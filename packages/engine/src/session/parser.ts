/**
 * Finds marks in one byte stream. A mark is the nonce, a short text and a newline, and may stand anywhere:
 * output need not end in a newline. Costs one pass over the bytes, whatever their number.
 */
export function parseMarks(nonce: string, on: { data(bytes: Buffer): void; mark(text: string): void }): (chunk: Buffer) => void {
  const needle = Buffer.from(nonce, 'latin1')
  let held: Buffer = Buffer.alloc(0)

  return (chunk) => {
    let rest = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    for (;;) {
      const at = rest.indexOf(needle)
      if (at < 0) break
      const end = rest.indexOf(0x0a, at + needle.length)
      if (at > 0) on.data(rest.subarray(0, at))
      if (end < 0) {
        held = Buffer.from(rest.subarray(at))
        return
      }
      on.mark(rest.toString('latin1', at + needle.length, end))
      rest = rest.subarray(end + 1)
    }
    const keep = startOfNeedle(rest, needle)
    if (rest.length > keep) on.data(rest.subarray(0, rest.length - keep))
    held = Buffer.from(rest.subarray(rest.length - keep))
  }
}

/** How many bytes at the end may be the beginning of a mark. */
function startOfNeedle(bytes: Buffer, needle: Buffer): number {
  const longest = Math.min(needle.length - 1, bytes.length)
  for (let length = longest; length > 0; length -= 1) {
    if (bytes.subarray(bytes.length - length).equals(needle.subarray(0, length))) return length
  }
  return 0
}
