const HEADER = 8

/** The last lines of a container's log: frames as a program's streams have them, or bare text when it has a terminal. */
export function lastLines(log: Buffer, count: number): string[] {
  const parts: Buffer[] = []
  let at = 0
  while (at + HEADER <= log.length && isHeader(log, at)) {
    const end = at + HEADER + log.readUInt32BE(at + 4)
    parts.push(log.subarray(at + HEADER, end))
    at = end
  }
  const text = (parts.length > 0 ? Buffer.concat(parts) : log).toString()
  return text.split(/\r?\n/).map((line) => line.trimEnd()).filter(Boolean).slice(-count)
}

function isHeader(log: Buffer, at: number): boolean {
  return (log[at] ?? 0) <= 2 && log[at + 1] === 0 && log[at + 2] === 0 && log[at + 3] === 0
}
