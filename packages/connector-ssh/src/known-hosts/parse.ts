import { keyType } from './key.ts'

/** A line of a known_hosts file that names hosts. */
export interface Line {
  readonly file: string
  readonly number: number
  readonly text: string
  readonly marker: 'none' | 'revoked' | 'authority'
  /** Patterns or a hash, as they are written. */
  readonly names: string
  /** As it is written. */
  readonly type: string
  /** Undefined when it cannot be read. */
  readonly key: Buffer | undefined
}

/**
 * The lines of a known_hosts file. Where ssh passes over a broken line as if it were not there, it is kept here without a key: what
 * names the host is then never mistaken for a host that nobody knows.
 */
export function parseLines(file: string, text: string): Line[] {
  return text.split('\n').flatMap((each, index) => parseLine(file, index + 1, each.replace(/\r$/, '')) ?? [])
}

function parseLine(file: string, number: number, text: string): Line | undefined {
  const words = text.split(/[ \t]+/).filter((word) => word !== '')
  if (words.length === 0 || words[0]?.startsWith('#')) return undefined
  const first = words.findIndex((word) => !word.startsWith('@'))
  const markers = words.slice(0, first === -1 ? undefined : first)
  const [names, type = '', base64 = ''] = words.slice(markers.length)
  if (names === undefined) return undefined
  const marker = markers.includes('@revoked') ? 'revoked' : markers.includes('@cert-authority') ? 'authority' : 'none'
  // A marker that nobody knows may say anything of the key: it vouches for none. A revocation stays one.
  const understood = markers.length === 0 || (markers.length === 1 && marker !== 'none') || marker === 'revoked'
  return { file, number, text, marker, names, type, key: understood ? parseKey(type, base64) : undefined }
}

function parseKey(type: string, base64: string): Buffer | undefined {
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined
  const key = Buffer.from(base64, 'base64')
  return keyType(key) === type ? key : undefined
}
