/** One line of authorized_keys that lets somebody in. */
export interface KeyLine {
  /** As written before the key: `from="10.0.0.*",no-pty`; '' = none. */
  readonly options: string
  readonly type: string
  /** Base64. */
  readonly blob: string
  readonly comment: string
}

const TYPE = /^(ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-sha2-)[A-Za-z0-9@.-]+$/

/** A line as sshd reads it; `undefined` = it holds no key: a comment, nothing, or something else. */
export function parseKeyLine(line: string): KeyLine | undefined {
  const text = line.replace(/\r$/, '').trim()
  if (text === '' || text.startsWith('#')) return undefined
  const [first, rest] = field(text)
  return TYPE.test(first) ? keyOf('', first, rest) : keyOf(first, ...field(rest))
}

/** What is wrong with a key that somebody declared; `undefined` = nothing. */
export function wrongKey(line: string): string | undefined {
  if (/[\n\r\0]/.test(line)) return 'a key is one line'
  if (/PRIVATE KEY/.test(line)) return 'this is a private key; the public one lies beside it, in a file that ends with .pub'
  const key = parseKeyLine(line)
  if (!key) return 'this is no public key: it looks like "ssh-ed25519 AAAA… name"'
  return isWhole(key) ? undefined : `this key is not whole: part of it is missing, or it is none of ${key.type}`
}

/** A key is made of parts, each after its length, and the first one names its type again: what was cut off or mixed up does not fit. */
function isWhole({ type, blob }: KeyLine): boolean {
  const bytes = Buffer.from(blob, 'base64')
  const parts: string[] = []
  let at = 0
  while (at + 4 <= bytes.length) {
    const end = at + 4 + bytes.readUInt32BE(at)
    if (end > bytes.length) return false
    parts.push(bytes.toString('latin1', at + 4, end))
    at = end
    // A certificate goes on with numbers that have no length.
    if (type.includes('-cert-') && parts.length === 2) return parts[0] === type
  }
  return at === bytes.length && parts.length > 1 && parts[0] === type
}

/** What a key is, whoever it is called after: its type and itself; `undefined` = the line holds no key. */
export function keyIdentity(line: string): string | undefined {
  const key = parseKeyLine(line)
  return key && `${key.type} ${key.blob}`
}

export function sameKey(one: KeyLine, other: KeyLine): boolean {
  return one.type === other.type && one.blob === other.blob
}

export function writtenKey({ options, type, blob, comment }: KeyLine): string {
  return [options, type, blob, comment].filter((part) => part !== '').join(' ')
}

/** How a key is called where there is no room for it. */
export function shownKey({ type, blob, comment }: KeyLine): string {
  return comment === '' ? `${type} …${blob.slice(-12)}` : comment
}

function keyOf(options: string, type: string, rest: string): KeyLine | undefined {
  const [blob, comment] = field(rest)
  if (!TYPE.test(type) || !/^[A-Za-z0-9+/]+={0,2}$/.test(blob)) return undefined
  return { options, type, blob, comment }
}

/** The first field, up to a blank that is not in quotes, and what follows. */
function field(text: string): [string, string] {
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (sign === '\\' && text[at + 1] === '"') at++
    else if (sign === '"') quoted = !quoted
    else if (!quoted && (sign === ' ' || sign === '\t')) return [text.slice(0, at), text.slice(at).trim()]
  }
  return [text, '']
}
