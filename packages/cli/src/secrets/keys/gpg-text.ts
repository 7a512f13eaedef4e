import { Buffer } from 'node:buffer'
import { deflateSync, inflateSync } from 'node:zlib'
import { wrongKey } from './key-type.ts'
import { decodeBase85, encodeBase85 } from './base85.ts'

const BEGIN = '-----BEGIN PGP PRIVATE KEY BLOCK-----'
const END = '-----END PGP PRIVATE KEY BLOCK-----'
/** Letters of base85 that a provider's parser may trip over, and what stands for them. */
const SWAPS = { $: '.', ';': ',', '|': '[', '&': ']', '{': ':' } as const
const BACK = Object.fromEntries(Object.entries(SWAPS).map(([letter, other]) => [other, letter]))
/** Bytes; keys are some kilobytes. */
const MAX_SIZE = 10 * 1024 * 1024

export interface GpgKeys {
  /** As the text names them; a plain armour names none. */
  readonly fingerprints: readonly string[]
  /** What `gpg --import` reads. */
  readonly binary: Uint8Array
}

/** Private keys as the Python tool keeps them: small enough for the notes of a password manager, and a text that survives them. */
export function writeGpgText({ fingerprints, binary }: GpgKeys): string {
  const body = encodeBase85(deflateSync(binary, { level: 9 })).replace(/[$;|&{]/g, (letter) => SWAPS[letter as keyof typeof SWAPS])
  return `# fingerprints: [${fingerprints.map((each) => `'${each}'`).join(', ')}]\n${BEGIN}\n\n${body}\n${END}\n`
}

/** Reads such a text, or armour as gpg writes it. `from` says in errors where it is from. Throws KEY_TEXT. */
export function readGpgText(text: string, from: string): GpgKeys {
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END, begin)
  if (begin === -1 || end === -1) throw wrongKey(from, 'it holds no private PGP key', `One stands between ${BEGIN} and ${END}.`)
  // Headers of an armour (`Version: …`) end at an empty line.
  const lines = text.slice(begin + BEGIN.length, end).split(/\r?\n/).map((line) => line.trim())
  const body = lines.filter((line) => !/^(Version|Comment|MessageID|Hash|Charset): /.test(line))
  const fingerprints = /^\s*# fingerprints:(.*)$/m.exec(text.slice(0, begin))?.[1]?.match(/\b[0-9A-Fa-f]{40}\b/g) ?? []
  const binary = inflated(body.join('')) ?? unarmoured(body)
  if (!binary) throw wrongKey(from, 'the private PGP key in it is damaged', 'Store it again: chaos secrets export')
  return { fingerprints: fingerprints.map((each) => each.toUpperCase()), binary }
}

function inflated(body: string): Uint8Array | undefined {
  const bytes = decodeBase85(body.replace(/[.,[\]:]/g, (letter) => BACK[letter] as string))
  if (!bytes || bytes.length === 0) return undefined
  try {
    // Its checksum tells whether it is this at all.
    return inflateSync(bytes, { maxOutputLength: MAX_SIZE })
  } catch {
    return undefined
  }
}

/** The bytes of base64, without the checksum line behind them: gpg looks closer than that. */
function unarmoured(lines: readonly string[]): Uint8Array | undefined {
  const body = lines.filter((line) => !/^=[A-Za-z0-9+/]{4}$/.test(line)).join('')
  return /^[A-Za-z0-9+/]+={0,2}$/.test(body) ? Uint8Array.from(Buffer.from(body, 'base64')) : undefined
}
