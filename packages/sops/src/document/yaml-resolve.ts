import type { Value } from '../value/value.ts'
import { bool, float, int, isInt64, str } from '../value/value.ts'
import { parseTimestamp } from '../value/timestamp.ts'

const WORDS: Record<string, Value | null> = {
  '': null, '~': null, null: null, Null: null, NULL: null,
  true: bool(true), True: bool(true), TRUE: bool(true), false: bool(false), False: bool(false), FALSE: bool(false),
  '.nan': float(NaN), '.NaN': float(NaN), '.NAN': float(NaN),
  '.inf': float(Infinity), '.Inf': float(Infinity), '.INF': float(Infinity), '+.inf': float(Infinity), '+.Inf': float(Infinity), '+.INF': float(Infinity),
  '-.inf': float(-Infinity), '-.Inf': float(-Infinity), '-.INF': float(-Infinity),
}
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
const UINT64 = 2n ** 64n

/** What a number beyond 64 bits would be to sops: an error. */
export const TOO_LARGE = 'too large'

/**
 * What an unquoted scalar means to go-yaml v3, with which sops reads: YAML 1.2, but `017` is 15, `0b1` and `1_000` are numbers,
 * and dates are times. Hashes are over meanings, so that they must be the same here.
 */
export function resolvePlain(text: string): Value | null | typeof TOO_LARGE {
  if (Object.hasOwn(WORDS, text)) return WORDS[text] as Value | null
  if (text.startsWith('.')) return FLOAT.test(text) ? finite(text) : str(text)
  if (!/^[-+0-9]/.test(text)) return str(text)
  const time = parseTimestamp(text)
  if (time !== undefined) return { type: 'time', text: time }
  const plain = text.replaceAll('_', '')
  const whole = wholeNumber(plain)
  if (whole !== undefined && isInt64(whole)) return int(whole)
  if (whole !== undefined && whole > 0 && whole < UINT64) return TOO_LARGE
  return FLOAT.test(plain) ? finite(plain, text) : str(text)
}

function finite(text: string, whole = text): Value {
  const number = Number(text)
  return Number.isFinite(number) ? float(number) : str(whole)
}

/** As Go's ParseInt with base 0 takes it. */
function wholeNumber(text: string): bigint | undefined {
  const [, sign, digits = ''] = /^([-+]?)(.*)$/s.exec(text) ?? []
  const magnitude = /^(0|[1-9]\d*|0[xX][\da-fA-F]+|0[bB][01]+|0[oO][0-7]+)$/.test(digits)
    ? BigInt(digits.toLowerCase())
    : /^0[0-7]+$/.test(digits)
      ? BigInt(`0o${digits.slice(1)}`)
      : undefined
  return magnitude === undefined ? undefined : sign === '-' ? -magnitude : magnitude
}
