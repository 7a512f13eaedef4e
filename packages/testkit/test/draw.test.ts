import { defineFact, defineOperation, defineRole, sh, touch } from '@chaos/core'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { diffOf, draw, fakeHost, given, summariesOf } from '../src/index.ts'

const exists = defineFact({
  name: 'test.exists',
  command: (path: string) => sh`test -e ${path}`,
  exit: [0, 1],
  parse: (_, { code }) => code === 0,
  reads: (path) => [touch.entry(path)],
})

const made = defineOperation({
  name: 'test.made',
  args: z.strictObject({ path: z.string() }),
  async diff({ path }, host) {
    return (await host.fact(exists(path))) ? [] : [{ summary: `make ${path}`, do: [{ run: sh`touch ${path}` }] }]
  },
})

const role = defineRole({
  keys: { paths: z.array(z.string()) },
  async context({ host, desired }) {
    const there = await Promise.all(desired.paths.map((path) => host.fact(exists(path))))
    return desired.paths.map((path, index) => ({ path, there: there[index] }))
  },
  delta: (paths) => ({ add: paths.filter(({ there }) => !there).map(({ path }) => path) }),
  *plan({ add }) {
    for (const path of add) {
      const first = yield* made({ path })
      yield made({ path: `${path}.done` }, { ifChanged: first })
    }
  },
})

describe('fakeHost', () => {
  it('answers by fact and arguments, and remembers what was asked', async () => {
    const host = fakeHost({ facts: [given(exists('/a'), true), given(exists, (path) => path === '/b')] })
    expect(await Promise.all(['/a', '/b', '/c'].map((path) => host.fact(exists(path))))).toEqual([true, true, false])
    expect(host.asked.map(({ args }) => args)).toEqual([['/a'], ['/b'], ['/c']])
    expectTypeOf(await host.fact(exists('/a'))).toEqualTypeOf<boolean>()
  })

  it('names the question that has no answer, and who asked', async () => {
    const host = fakeHost({ facts: [given(exists('/a'), true)] })
    await expect(host.as({ sudo: true }).fact(exists('/b'))).rejects.toMatchObject({
      code: 'FACT_NOT_GIVEN',
      message: 'The fake host was asked for test.exists("/b") as {"sudo":true}, and the test gives no answer to that.',
      hint: 'Add given(test.exists("/b"), …) to the facts of fakeHost.',
    })
  })

  it('answers each user for himself, and fails where it is told', async () => {
    const host = fakeHost({ facts: [given(exists('/a'), true, { sudo: true }), given(exists('/a'), new Error('not allowed'))] })
    expect(await host.as({ sudo: true }).fact(exists('/a'))).toBe(true)
    await expect(host.fact(exists('/a'))).rejects.toThrow('not allowed')
  })

  it('has what a role remembered', () => {
    const host = fakeHost({ state: { users: { ana: 1 } } })
    expect([host.state('users').items, host.state().items]).toEqual([{ ana: 1 }, {}])
  })
})

describe('draw', () => {
  it('gives the operations of what differs', async () => {
    const host = fakeHost({ facts: [given(exists, (path) => path === '/a')] })
    const drawn = await draw(role, host, { paths: ['/a', '/b'] })
    expect(drawn.titles).toEqual(['test.made /b', 'test.made /b.done'])
    expect(drawn.delta).toEqual({ add: ['/b'] })
    expect(drawn.operations[1]?.options.ifChanged).toBe(drawn.operations[0]?.result)
  })

  it('does not plan what is already so', async () => {
    const host = fakeHost({ facts: [given(exists, () => true)] })
    expect(await draw(role, host, { paths: ['/a'] })).toMatchObject({ operations: [], delta: { add: [] } })
  })

  it('refuses keys the role does not take', async () => {
    await expect(draw(role, fakeHost(), { paths: '/a' })).rejects.toMatchObject({ code: 'ROLE_KEYS' })
  })

  it('draws the short form, as a generator and as a list', async () => {
    const generator = defineRole(function* ({ chobolo }) {
      yield made({ path: chobolo['path'] })
    })
    const list = defineRole(({ host }) => [made({ path: `/${host.name}` })])
    expect((await draw(generator, fakeHost(), { path: '/x' })).titles).toEqual(['test.made /x'])
    expect((await draw(list, fakeHost({ name: 'db1' }))).titles).toEqual(['test.made /db1'])
  })

  it('names an operation that was made and not yielded', async () => {
    const forgetful = defineRole(function* () {
      yield made({ path: '/a' })
      made({ path: '/b' })
    })
    await expect(draw(forgetful, fakeHost())).rejects.toMatchObject({
      code: 'OPERATION_NOT_YIELDED',
      message: 'The role made test.made /b and did not yield it.',
    })
  })
})

describe('diffOf', () => {
  it('gives the difference, seen as the user of the operation', async () => {
    const host = fakeHost({ facts: [given(exists('/a'), false, { sudo: true })] })
    const op = made({ path: '/a' }, { sudo: true })
    expect(await summariesOf(op, host)).toEqual(['make /a'])
    expect(await diffOf(op, host)).toHaveLength(1)
  })
})
