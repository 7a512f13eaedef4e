import { Buffer } from 'node:buffer'

/** The alphabet of RFC 1924, which Python's `base64.b85encode` has. */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~'
const VALUES = new Map(ALPHABET.split('').map((letter, value) => [letter, value]))

/** Four bytes as five letters; of a shorter end the letters that tell it. */
export function encodeBase85(bytes: Uint8Array): string {
  const padded = Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])
  const letters: string[] = []
  for (let at = 0; at < padded.length; at += 4) {
    let number = padded.readUInt32BE(at)
    const five: string[] = []
    for (let index = 0; index < 5; index++) {
      five.unshift(ALPHABET.charAt(number % 85))
      number = Math.floor(number / 85)
    }
    letters.push(...five)
  }
  return letters.join('').slice(0, letters.length - (padded.length - bytes.length))
}

/** The bytes; undefined for what is no base85. */
export function decodeBase85(text: string): Buffer | undefined {
  const missing = (5 - (text.length % 5)) % 5
  if (missing === 4) return undefined
  const padded = text + '~'.repeat(missing)
  const bytes = Buffer.alloc((padded.length / 5) * 4)
  for (let at = 0; at < padded.length; at += 5) {
    let number = 0
    for (const letter of padded.slice(at, at + 5)) number = number * 85 + (VALUES.get(letter) ?? NaN)
    if (!(number <= 0xffffffff)) return undefined
    bytes.writeUInt32BE(number, (at / 5) * 4)
  }
  return bytes.subarray(0, bytes.length - missing)
}
