import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { follow } from '../src/follow.ts'

const key = fc.stringMatching(/^[a-z0-9_-]{1,8}(?:\.[a-z0-9_-]{1,8}){0,2}$/)

describe('a dotted path', () => {
  it('leads to the value below any keys, whatever dots they hold', () => {
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 5 }), fc.jsonValue(), (keys, value) => {
        const nested = keys.reduceRight<unknown>((inner, each) => ({ [each]: inner }), value)
        expect(follow(nested, keys.join('.'))).toEqual({ found: true, value })
      }),
    )
  })

  it('takes the longest key that leads on', () => {
    expect(follow({ a: { 'b.c': 1, b: { c: 2 } }, 'a.b': { d: 3 } }, 'a.b.c')).toEqual({ found: true, value: 1 })
    expect(follow({ a: { 'b.c': 1 }, 'a.b': { d: 3 } }, 'a.b.d')).toEqual({ found: true, value: 3 })
  })

  it('that leads nowhere says how far it came, and enters neither lists nor what objects inherit', () => {
    expect(follow({ a: { b: { c: 1 } } }, 'a.b.x.y')).toEqual({ found: false, at: 'a.b', rest: 'x.y', value: { c: 1 } })
    expect(follow({ a: ['b'] }, 'a.0')).toMatchObject({ found: false, at: 'a', rest: '0' })
    expect(follow({ a: {} }, 'a.constructor.name')).toMatchObject({ found: false, at: 'a' })
    expect(follow({ a: 1 }, 'a.')).toMatchObject({ found: false, at: 'a', rest: '' })
  })
})
