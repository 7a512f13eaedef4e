/* oxlint-disable typescript/no-base-to-string, typescript/no-unnecessary-template-expression -- what must not be done with a secret is what is tested here */
import { format, inspect } from 'node:util'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { isSecret, revealSecret, secret, secretText } from '../src/index.ts'
import type { Secret } from '../src/index.ts'

const canary = 'canary-7f3a'
const value = secret(canary)

describe('Secret', () => {
  it.each([
    ['inspect', () => inspect(value, { showHidden: true, depth: 9 })],
    ['inspect of what holds it', () => inspect({ deep: [{ value }], map: new Map([['a', value]]) }, { depth: 9 })],
    ['format', () => format('%s %o %j', { value }, value, value)],
    ['JSON', () => JSON.stringify({ value })],
    ['Object.entries', () => JSON.stringify([Object.entries(value), Object.keys(value), { ...value }])],
    ['an error that carries it', () => inspect(Object.assign(new Error('x'), { value }))],
  ])('is not shown by %s', (_, show) => {
    expect(show()).not.toContain(canary)
  })

  it('shows as ***', () => {
    expect(inspect({ value })).toBe('{ value: *** }')
    expect(JSON.stringify({ value })).toBe('{"value":"***"}')
  })

  it.each([
    ['a template', () => `${value as unknown as string}`],
    ['String()', () => String(value)],
    ['+', () => (value as unknown as string) + 'x'],
    ['toString', () => (value as unknown as { toString(): string }).toString()],
    ['join', () => [value].join('')],
    ['a comparison', () => (value as unknown as number) > 1],
    ['a property name', () => ({ [value as unknown as string]: 1 })],
  ])('throws when it becomes text by %s', (_, use) => {
    expect(use).toThrow('A secret was turned into plain text.')
  })

  it('stays secret in texts made of it', () => {
    const line = secretText`password=${value} port=${22}\n`
    expectTypeOf(line).toEqualTypeOf<Secret>()
    expect(isSecret(line)).toBe(true)
    expect(inspect(line)).toBe('***')
    expect(revealSecret(line)).toBe(`password=${canary} port=22\n`)
    expect(revealSecret(value.map((text) => text.toUpperCase()))).toBe('CANARY-7F3A')
    expect(isSecret(value.map((text) => text))).toBe(true)
  })

  it('is no string to the type checker', () => {
    // @ts-expect-error a secret is no string
    const text: string = value
    expect(isSecret(text)).toBe(true)
    expect(isSecret(canary)).toBe(false)
  })

  it('cannot be tampered with', () => {
    expect(() => Object.assign(value, { toJSON: () => 'x' })).toThrow(TypeError)
  })
})
