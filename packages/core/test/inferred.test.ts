import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { defineBoat, defineConnector, defineProvider, isBoat, isConnector, isProvider, secret } from '../src/index.ts'

const config = z.strictObject({ url: z.string(), tag: z.string().optional() })
type Config = z.output<typeof config>

describe('what an author writes is typed by its schema, without an annotation', () => {
  it('the config of a boat and of a provider', () => {
    const boat = defineBoat({
      config,
      hosts: ({ config: mine }) => {
        expectTypeOf(mine).toEqualTypeOf<Config>()
        return [{ name: mine.url }]
      },
    })
    const provider = defineProvider({
      config,
      async read(reference, { config: mine }) {
        expectTypeOf(mine).toEqualTypeOf<Config>()
        return secret(mine.url + reference)
      },
    })
    expect([isBoat(boat), isProvider(provider)]).toEqual([true, true])
  })

  it('the data of a host, for its connector; any where there is no schema', () => {
    const connector = defineConnector({
      data: z.strictObject({ jail_user: z.string().optional() }),
      async open({ data }, { base }) {
        expectTypeOf(data.jail_user).toEqualTypeOf<string | undefined>()
        return base
      },
    })
    const plain = defineConnector({
      async open({ data }, { base }) {
        expectTypeOf(data).toEqualTypeOf<Readonly<Record<string, unknown>>>()
        return base
      },
    })
    expect([isConnector(connector), isConnector(plain)]).toEqual([true, true])
  })

  it('nothing where there is no schema', () => {
    expect(isBoat(defineBoat({ hosts: ({ config: mine }) => (expectTypeOf(mine).toEqualTypeOf<unknown>(), []) }))).toBe(true)
  })
})
