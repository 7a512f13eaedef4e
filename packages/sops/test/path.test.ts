import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { revealSecret } from '@chaos/core'
import { parsePath, setValue, shownPath, valueAt } from '../src/index.ts'

describe('the path of a value', () => {
  it.each([
    ['app', ['app']],
    ['users.ana.tokens[0]', ['users', 'ana', 'tokens', 0]],
    ['tls["ca.crt"]', ['tls', 'ca.crt']],
    [`['ca.crt'].pem[1][2].x`, ['ca.crt', 'pem', 1, 2, 'x']],
    ['a["say \\"hi\\""]', ['a', 'say "hi"']],
    ['a["0"]', ['a', '0']],
    ['*.example_net', ['*', 'example_net']],
  ])('%s', (text, path) => {
    expect(parsePath(text)).toEqual(path)
  })

  it.each(['', '.', 'a.', '.a', 'a..b', '[0]', 'a[', 'a[x]', 'a]', 'a[0]b', 'a["b]', 'a["\\x"]', 'a["b"]c', "a['b'c]"])('%j is none', (text) => {
    expect(parsePath(text)).toBeUndefined()
  })

  it('is shown as it is parsed, whatever its keys are', () => {
    const key = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a', 'ca.crt', '', '[0]', '"', "'", ']', '\\', '0'))
    fc.assert(fc.property(key, fc.array(fc.oneof(key, fc.nat())), (first, more) => {
      expect(parsePath(shownPath([first, ...more]))).toEqual([first, ...more])
    }), { numRuns: 1000 })
  })

  it('with a dot in a key is set and found', () => {
    const path = ['tls', 'ca.crt'] as const
    const text = revealSecret(setValue('tls:\n  key: x\n', path, 'y', { file: 'a.yaml' }))
    expect(text).toBe('tls:\n  key: x\n  ca.crt: "y"\n')
    expect(valueAt({ tls: { 'ca.crt': 'y' } }, path)).toBe('y')
  })
})
