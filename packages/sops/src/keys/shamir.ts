import { randomBytes, randomInt } from 'node:crypto'

/**
 * Shamir's secret sharing over GF(2^8) with the polynomial of AES (0x11b), byte by byte, as HashiCorp's Vault does and sops with
 * it. A share is the bytes of its points and then its x.
 */
export function split(secret: Uint8Array, parts: number, threshold: number): Uint8Array[] {
  const xs = distinct(parts)
  const shares = xs.map((x) => Uint8Array.of(...secret, x))
  for (let index = 0; index < secret.length; index++) {
    const coefficients = [secret[index] as number, ...randomBytes(threshold - 1)]
    shares.forEach((share, at) => {
      share[index] = evaluate(coefficients, xs[at] as number)
    })
  }
  return shares
}

/** The secret, if these are enough shares of it; otherwise something else. Undefined for shares that cannot be of one secret. */
export function combine(shares: readonly Uint8Array[]): Uint8Array | undefined {
  const length = shares[0]?.length ?? 0
  const xs = shares.map((share) => share.at(-1) as number)
  if (shares.length < 2 || length < 2 || shares.some((share) => share.length !== length) || new Set(xs).size < xs.length || xs.includes(0)) return undefined
  // The value at 0 of the polynomial through the points.
  const weights = xs.map((x, index) => xs.reduce((product, other, at) => (at === index ? product : multiply(product, divide(other, x ^ other))), 1))
  return Uint8Array.from({ length: length - 1 }, (_, at) => shares.reduce((sum, share, index) => sum ^ multiply(share[at] as number, weights[index] as number), 0))
}

function evaluate(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => multiply(sum, x) ^ coefficient, 0)
}

/** The product in the field, without tables: the time it takes says nothing of the numbers. */
export function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = ((product << 1) ^ (-(product >> 7) & 0x11b)) & 0xff
    product ^= -((b >> bit) & 1) & a
  }
  return product
}

/** a / b; b is not 0. Its inverse is its 254th power. */
export function divide(a: number, b: number): number {
  let power = b
  let inverse = 1
  for (let bit = 1; bit < 8; bit++) {
    power = multiply(power, power)
    inverse = multiply(inverse, power)
  }
  return multiply(a, inverse)
}

function distinct(count: number): number[] {
  const found = new Set<number>()
  while (found.size < count) found.add(randomInt(1, 256))
  return [...found]
}
