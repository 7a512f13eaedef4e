/** Keeps the first bytes of a stream and counts the rest. */
export function collect(keep: number): { add(bytes: Buffer): void; bytes(): Uint8Array; dropped(): number } {
  const kept: Buffer[] = []
  let length = 0
  let dropped = 0
  return {
    add: (bytes) => {
      const room = keep - length
      const part = bytes.length > room ? bytes.subarray(0, room) : bytes
      // A small piece would keep the whole chunk it was cut from alive.
      if (part.length > 0) kept.push(part.length < 4096 ? Buffer.from(part) : part)
      length += part.length
      dropped += bytes.length - part.length
    },
    bytes: () => Buffer.concat(kept, length),
    dropped: () => dropped,
  }
}
