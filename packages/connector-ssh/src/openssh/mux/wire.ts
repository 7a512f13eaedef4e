/** Messages of the SSH connection protocol (RFC 4254) that are used here. */
export const message = {
  globalRequest: 80,
  requestFailure: 82,
  open: 90,
  opened: 91,
  openFailed: 92,
  window: 93,
  data: 94,
  extended: 95,
  eof: 96,
  close: 97,
  request: 98,
  success: 99,
  failure: 100,
} as const

export type Field = number | boolean | string | Buffer

/** A number is a uint32, a boolean a byte, a string or buffer a string with its length, as SSH writes them. */
export function fields(...values: readonly Field[]): Buffer {
  return Buffer.concat(values.map((value) => (typeof value === 'number' ? uint32(value) : typeof value === 'boolean' ? Buffer.of(value ? 1 : 0) : text(value))))
}

function text(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return Buffer.concat([uint32(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export interface Fields {
  number(): number
  boolean(): boolean
  bytes(): Buffer
  text(): string
}

/** Reads fields one after another; a message that ends too early is a RangeError. */
export function readFields(from: Buffer): Fields {
  let at = 0
  const number = (): number => {
    at += 4
    return from.readUInt32BE(at - 4)
  }
  const bytes = (): Buffer => {
    const length = number()
    if (at + length > from.length) throw new RangeError('a field reaches over the end of its message')
    at += length
    return from.subarray(at - length, at)
  }
  return { number, bytes, boolean: () => from.readUInt8(at++) !== 0, text: () => bytes().toString() }
}

/** Cuts a stream into packets, each with its length in front. */
export function packets(each: (packet: Buffer) => void): (chunk: Buffer) => void {
  let waiting: Buffer[] = []
  let have = 0
  return (chunk) => {
    waiting.push(chunk)
    have += chunk.length
    if (have < 4) return
    let rest = waiting.length === 1 ? chunk : Buffer.concat(waiting)
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE()) {
      const end = 4 + rest.readUInt32BE()
      const packet = rest.subarray(4, end)
      rest = rest.subarray(end)
      each(packet)
    }
    waiting = rest.length > 0 ? [rest] : []
    have = rest.length
  }
}
