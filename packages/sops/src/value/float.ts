/**
 * A number as Go's `strconv.FormatFloat(n, 'f', -1, 64)` writes it: the fewest digits that read back as the same number, and no
 * exponent. It is what sops encrypts and hashes.
 */
export function formatFloat(number: number): string {
  if (Number.isNaN(number)) return 'NaN'
  if (!Number.isFinite(number)) return number > 0 ? '+Inf' : '-Inf'
  const sign = number < 0 || Object.is(number, -0) ? '-' : ''
  const [mantissa = '0', exponent = '0'] = Math.abs(number).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  const point = Number(exponent) + 1
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length)
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

/** What Go's ParseFloat makes of a text, as far as sops writes such texts; undefined for anything else. */
export function parseFloatText(text: string): number | undefined {
  if (text === 'NaN') return NaN
  if (text === '+Inf' || text === 'Inf') return Infinity
  if (text === '-Inf') return -Infinity
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : undefined
}
