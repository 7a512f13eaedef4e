import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { Host, Op, Role, RunState } from '../src/index.ts'
import { defineOperation, defineRole, isRole } from '../src/index.ts'

const noop = defineOperation({ name: 'test.noop', args: z.strictObject({ name: z.string() }), diff: () => [] })
const User = z.object({ name: z.string(), shell: z.string().optional() })

describe('defineRole', () => {
  it('infers the full form from its keys, context and delta', () => {
    const role = defineRole({
      keys: { users: z.array(User), umask: z.string().optional() },
      async context({ host, desired }) {
        expectTypeOf(host).toEqualTypeOf<Host>()
        expectTypeOf(desired).toEqualTypeOf<{ readonly users: z.output<typeof User>[]; readonly umask: string | undefined }>()
        return { present: ['ana'], wanted: desired.users }
      },
      delta({ present, wanted }) {
        expectTypeOf(present).toEqualTypeOf<string[]>()
        return { add: wanted.filter(({ name }) => !present.includes(name)) }
      },
      *plan({ add }, { desired, context }) {
        expectTypeOf(add).toEqualTypeOf<z.output<typeof User>[]>()
        expectTypeOf(desired.umask).toEqualTypeOf<string | undefined>()
        expectTypeOf(context.present).toEqualTypeOf<string[]>()
        for (const { name } of add) yield noop({ name })
      },
    })
    expectTypeOf(role).toEqualTypeOf<Role>()
    expect([isRole(role), role.form, role.definition?.keys['users'] !== undefined]).toEqual([true, 'full', true])
  })

  it('infers the short form as a generator, an asynchronous one and a list', () => {
    const roles = [
      defineRole(function* ({ host, state, chobolo, skipConfirm }) {
        expectTypeOf(host).toEqualTypeOf<Host>()
        expectTypeOf(state).toEqualTypeOf<RunState>()
        expectTypeOf(skipConfirm).toEqualTypeOf<boolean>()
        const done = yield* noop({ name: chobolo['name'] })
        yield noop({ name: 'b' }, { ifChanged: done })
      }),
      defineRole(async function* ({ choboloPath }) {
        yield await Promise.resolve(noop({ name: choboloPath }))
      }),
      defineRole(({ secrets }): Op[] => [noop({ name: String(secrets['a']) })]),
    ]
    expect(roles.map((role) => [isRole(role), role.form, typeof role.run])).toEqual(roles.map(() => [true, 'short', 'function']))
  })

  it('refuses a role without a plan', () => {
    // @ts-expect-error plan is missing
    expect(isRole(defineRole({ keys: {}, delta: () => ({}) }))).toBe(true)
  })
})
