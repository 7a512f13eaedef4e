import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { HostScope } from '../src/index.ts'
import { parse } from './helpers.ts'

const host = (name: string, groups: string[] = [], from: string[] = []): HostScope => ({ name, data: {}, groups, from })

const text = `a: { x: 1, y: { z: 1, w: 1 } }
list: [1, 2]
gone: 5
who: \${host.name}
sum: "\${a.x}-\${extra}"
extra: base
plain: [{ k: v }]
fleet:
  hosts:
    - h1: { overlay: { a: { x: 3 }, gone: null } }
    - h2
    - '@terraform/web': { overlay: { extra: expanded } }
  groups:
    one: { overlay: { a: { x: 2, y: { z: 2 } }, list: [9], extra: one } }
    two: { overlay: { extra: two, new: true } }
`

test('groups are laid in the order they are declared, then the host; maps merge deep, lists and scalars are replaced, by null too', async () => {
  const chobolo = await parse(text)
  const keys = ['a', 'list', 'gone', 'sum', 'new']
  expect(await chobolo.resolve(undefined, keys)).toEqual({ a: { x: 1, y: { z: 1, w: 1 } }, list: [1, 2], gone: 5, sum: '1-base' })
  expect(await chobolo.resolve(host('h1', ['two', 'one']), keys)).toEqual({ a: { x: 3, y: { z: 2, w: 1 } }, list: [9], gone: null, sum: '3-two', new: true })
  expect(await chobolo.resolve(host('10.0.0.1', [], ['@terraform/web']), ['sum'])).toEqual({ sum: '1-expanded' })
})

test('equal results are the same frozen objects for all hosts; those that use the host are not', async () => {
  const chobolo = await parse(text)
  const [h2, h3, h1] = [host('h2'), host('h3'), host('h1')]
  expect(await chobolo.resolve(h2, ['a', 'sum'])).toBe(await chobolo.resolve(h3, ['a', 'sum']))
  expect((await chobolo.resolve(h1, ['plain']))['plain']).toBe((await chobolo.resolve(h2, ['plain']))['plain'])
  expect(await chobolo.resolve(h2, ['who'])).toEqual({ who: 'h2' })
  expect(await chobolo.resolve(h3, ['who'])).toEqual({ who: 'h3' })
  const { a } = await chobolo.resolve(h1, ['a'])
  expect([Object.isFrozen(a), Object.isFrozen((a as { y: object }).y)]).toEqual([true, true])
})

test('merging has an identity, is biased to the right, and is associative on maps', async () => {
  const tree = fc.letrec<{ map: Record<string, unknown>; value: unknown }>((tie) => ({
    map: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'constructor'), tie('value'), { maxKeys: 3, noNullPrototype: true, depthIdentifier: 'tree' }),
    value: fc.oneof({ maxDepth: 3, depthIdentifier: 'tree' }, fc.constantFrom(1, 'x', true, null), tie('map'), fc.array(fc.integer(), { maxLength: 2 })),
  })).map
  /** Lays overlays as groups, by the real thing. */
  const lay = async (...maps: Record<string, unknown>[]): Promise<Record<string, unknown>> => {
    const [base, ...over] = maps
    const groups = Object.fromEntries(over.map((each, index) => [`g${index}`, { overlay: { v: each } }]))
    const chobolo = await parse(JSON.stringify({ v: base, fleet: { groups } }))
    return (await chobolo.resolve(host('h', Object.keys(groups)), ['v']))['v'] as Record<string, unknown>
  }
  await fc.assert(fc.asyncProperty(tree, tree, tree, async (a, b, c) => {
    expect(await lay(a, {})).toEqual(a)
    expect(await lay({}, a)).toEqual(a)
    expect(await lay(a, a)).toEqual(a)
    const ab = await lay(a, b)
    const plain = Object.entries(b).filter(([, value]) => typeof value !== 'object' || value === null || Array.isArray(value))
    for (const [key, value] of plain) expect(ab[key]).toEqual(value)
    expect(await lay(a, b, c)).toEqual(await lay(ab, c))
  }), { numRuns: 60 })
})
