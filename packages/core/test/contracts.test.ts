import { inspect } from 'node:util'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { Fact } from '../src/index.ts'
import { API, ChaosError, brandOf, defineFact, defineKeys, issuePath, sh, touch, validateNow } from '../src/index.ts'

describe('the brand', () => {
  it('is seen by nobody who lists or prints', () => {
    const keys = defineKeys([{ a: 1 }])
    expect(brandOf(keys)).toEqual({ kind: 'keys', api: API })
    expect(Object.keys(keys)).toEqual(['fragments'])
    expect(inspect(keys)).toBe('{ fragments: [ { a: 1 } ] }')
  })
})

describe('a fact', () => {
  it('infers its arguments and its value', () => {
    const size = defineFact({
      name: 'test.size',
      command: (path: string, follow: boolean) => sh`stat ${path} ${follow ? '-L' : []}`,
      parse: (stdout, { code }, path) => {
        expectTypeOf(path).toEqualTypeOf<string>()
        return code === 0 ? Number(stdout) : null
      },
      reads: (path) => [touch.entry(path)],
    })
    const fact = size('/etc', true)
    expectTypeOf(fact).toEqualTypeOf<Fact<number | null>>()
    // @ts-expect-error its arguments are checked
    size(1)
    expect(fact).toMatchObject({ name: 'test.size', args: ['/etc', true] })
    const any: Fact = fact
    expect(any.definition.name).toBe(size.definition.name)
  })

  it('needs a way to look', () => {
    expect(() => defineFact({ name: 'test.blind', parse: () => 1 })).toThrow('The fact test.blind has neither a command nor many.')
  })
})

describe('ChaosError', () => {
  it('carries code, hint, host, position, details and cause', () => {
    const cause = new Error('below')
    const error = new ChaosError('TEST', { message: 'm', hint: 'h', host: 'db1', position: { file: 'a.yml', line: 1, column: 2 }, details: { a: 1 }, cause })
    expect(error).toMatchObject({ name: 'ChaosError', code: 'TEST', message: 'm', hint: 'h', host: 'db1', position: { line: 1 }, details: { a: 1 }, cause })
    expect('cause' in new ChaosError('TEST', { message: 'm' })).toBe(false)
  })
})

describe('schemas', () => {
  it('may be of any library with the standard interface', () => {
    const result = validateNow(z.object({ users: z.array(z.string()) }), { users: ['a', 1] })
    expect(result.issues?.map(issuePath)).toEqual([['users', 1]])
    expect(validateNow(z.string(), 'a')).toMatchObject({ value: 'a' })
  })

  it('must answer at once', () => {
    const late = z.string().refine(async () => true)
    expect(() => validateNow(late, 'a')).toThrow('asynchronously')
  })
})
