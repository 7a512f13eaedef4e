import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Change, Op, Result, Schema } from '../src/index.ts'
import { brandOf, defineOperation, drawing, isOperation } from '../src/index.ts'

/** Core knows no schema library; this is one by hand. */
const args: Schema<{ path: string }, { path: string; mode: string }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate(value) {
      const { path } = value as { path?: unknown }
      return typeof path === 'string' ? { value: { path, mode: '0755' } } : { issues: [{ message: 'expected a string', path: ['path', { key: 'deep' }] }] }
    },
  },
}

const directory = defineOperation({
  name: 'test.directory',
  args,
  diff({ path, mode }): Change[] {
    expectTypeOf(mode).toEqualTypeOf<string>()
    return [{ summary: `create ${path}`, do: [] }]
  },
})

describe('an operation', () => {
  it('carries its validated arguments, its options and a title', () => {
    const op = directory({ path: '/srv' }, { sudo: true })
    expect(isOperation(op)).toBe(true)
    expect(op).toMatchObject({ args: { path: '/srv', mode: '0755' }, options: { sudo: true }, title: '/srv' })
    expect(directory({ path: '/srv' }, { name: 'the data' }).title).toBe('the data')
    expect(op.definition.name).toBe('test.directory')
  })

  it('says which argument is wrong, and where the right ones are told', () => {
    // @ts-expect-error a path is a string
    expect(() => directory({ path: 1 })).toThrow(
      expect.objectContaining({
        code: 'OPERATION_ARGUMENTS',
        message: 'test.directory was given arguments it does not take: path.deep: expected a string',
        hint: 'chaos explain operations.test.directory shows what it takes.',
      }),
    )
  })

  it('gives a fresh result each time it is iterated, and none when it is plainly yielded', () => {
    const op = directory({ path: '/srv' })
    const drawn: Op[] = []
    const results: Result[] = []
    function* role(): Generator<Op, void, void> {
      const result = yield* op
      expectTypeOf(result).toEqualTypeOf<Result>()
      results.push(result)
      const nothing = yield op
      expectTypeOf(nothing).toEqualTypeOf<void>()
    }
    for (let host = 0; host < 2; host++) drawn.push(...role())
    expect(drawn.map((each) => each.result !== undefined)).toEqual([true, false, true, false])
    expect([drawn[0]?.result, drawn[2]?.result]).toEqual(results)
    expect(results[0]).not.toBe(results[1])
    expect(results.map((result) => brandOf(result)?.kind)).toEqual(['result', 'result'])
    expect(drawn[0]?.origin).toBe(op)
    expect(op.result).toBeUndefined()
    expect(isOperation(drawn[0])).toBe(true)
  })

  it('takes results as conditions, and nothing that looks like one', () => {
    function* role(): Generator<Op, void, void> {
      const first = yield* directory({ path: '/a' })
      yield directory({ path: '/b' }, { ifChanged: first })
      yield directory({ path: '/c' }, { ifFailed: [first] })
      // @ts-expect-error a boolean is no result
      yield directory({ path: '/d' }, { ifChanged: true })
    }
    const [first, second] = [...role()]
    expect(second?.options.ifChanged).toBe(first?.result)
  })

  it('is seen by the drawing under way, across waiting, and by no other', async () => {
    const seen = async (path: string): Promise<unknown[]> => {
      const made: Op[] = []
      await drawing().run({ made: (op) => void made.push(op) }, async () => {
        directory({ path: `${path}/1` })
        await new Promise(setImmediate)
        directory({ path: `${path}/2` })
      })
      return made.map(({ title }) => title)
    }
    expect(await Promise.all([seen('/a'), seen('/b')])).toEqual([['/a/1', '/a/2'], ['/b/1', '/b/2']])
    expect(() => directory({ path: '/outside' })).not.toThrow()
  })
})
