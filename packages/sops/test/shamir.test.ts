import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { combine, divide, multiply, split } from '../src/keys/shamir.ts'

const hex = (...texts: string[]) => texts.map((text) => Uint8Array.from(Buffer.from(text, 'hex')))
const SECRET = '01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3da'

describe('the field', () => {
  it('counts as in the tests of Vault and sops', () => {
    expect([multiply(3, 7), multiply(3, 0), multiply(0, 3), divide(0, 7), divide(3, 3), divide(6, 3)]).toEqual([9, 0, 0, 0, 1, 2])
  })

  it('counts as FIPS-197 does: {57}·{83} = {c1}, {57}·{13} = {fe}', () => {
    expect([multiply(0x57, 0x83), multiply(0x57, 0x13)]).toEqual([0xc1, 0xfe])
  })

  it('takes back what it multiplied', () => {
    const pairs = Array.from({ length: 256 * 255 }, (_, index) => [index % 256, 1 + Math.floor(index / 256)] as const)
    expect(pairs.filter(([a, b]) => divide(multiply(a, b), b) !== a)).toEqual([])
    expect(divide(1, 255)).toBe(28)
  })
})

// Made with shamir-secret-sharing 0.0.4 from npm (Apache-2.0), an audited implementation of the same scheme.
describe('shares that another implementation made', () => {
  const twoOfThree = hex(
    'bf0c2633516427a9a6c7dec3b0baa5ebea0411ea4c49426f53b74c8c80be7ab32a',
    '0026bed5b9f259f0d548920df76f3b5bb30fa7496ab99837500fc87abbded5bd20',
    'c9fc203ec3fd2cd22d5adddd0d439dfe91ba3ab9c023d8e84c036fd8d573552c68',
  )
  const threeOfFive = hex(
    '83c63a8860ae6e928f6a9930eccb4d22fca4d304e352c30c21b5f03c8e6d48e2f0',
    '383406433a9122a4bacfc7d8d7edf24509bd4c27fefae75c4287054dceffc0f975',
    '64959e40f476c8bbe20459060c8a31a6742b325e72f46eaa1347a242904ae05539',
    '77d67b7cd81135a0c047309993c1f7e52145cbe4f2804685b2b0eb7461ecd22c83',
    '201bbe71888056e4fe9422960becf9e271d679f50e2d941310b872186fa6da0f9d',
  )
  const hexOf = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')

  it('give the secret when there are enough, in any order, and more than enough', () => {
    const [a, b, c] = twoOfThree as [Uint8Array, Uint8Array, Uint8Array]
    expect([[a, b], [b, a], [b, c], [a, c], [a, b, c]].map((shares) => hexOf(combine(shares)))).toEqual(Array(5).fill(SECRET))
    const [d, e, f, g, h] = threeOfFive as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    expect([[d, e, f], [h, e, g], [d, e, f, g, h]].map((shares) => hexOf(combine(shares)))).toEqual(Array(3).fill(SECRET))
  })

  it('give something else when there are too few', () => {
    expect(hexOf(combine(threeOfFive.slice(0, 2)))).not.toBe(SECRET)
  })

  it('are refused when one stands twice, one is shorter, or one is alone', () => {
    const [a, b] = twoOfThree as [Uint8Array, Uint8Array]
    expect([combine([a, a]), combine([a, b.slice(1)]), combine([a]), combine([])]).toEqual([undefined, undefined, undefined, undefined])
  })
})

it('whatever is split comes back from any threshold of its shares', () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 2, max: 6 }), fc.integer({ min: 0, max: 4 }), fc.infiniteStream(fc.nat()), (secret, threshold, more, random) => {
    const shares = split(secret, threshold + more, threshold)
    const chosen = shares.map((share) => ({ share, order: random.next().value as number })).toSorted((a, b) => a.order - b.order).slice(0, threshold)
    expect(combine(chosen.map(({ share }) => share))).toEqual(secret)
  }))
})
