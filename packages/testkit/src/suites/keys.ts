import assert from 'node:assert/strict'
import { isKeys, validateNow } from '@chaos/core'
import type { Keys, Role, Schema } from '@chaos/core'
import type { Runner } from './runner.ts'

export interface KeysSuiteOptions extends Runner {
  name: string
  keys: Keys
  /** The role they are examples for; its schemas check them. */
  role?: Role
}

/** For every set of example keys: a Ch-obolo that is made of them is valid. */
export function keysSuite({ name, keys, role, describe, it }: KeysSuiteOptions): void {
  describe(`the keys contract (${name})`, () => {
    it('is a set of keys', async () => assert.ok(isKeys(keys)))

    it('has fragments that YAML can hold, and no key twice', async () => {
      const names = keys.fragments.flatMap((fragment) => Object.keys(fragment))
      assert.ok(names.length > 0)
      assert.equal(new Set(names).size, names.length)
      assert.deepEqual(JSON.parse(JSON.stringify(keys.fragments)), keys.fragments)
    })

    const schemas = role?.definition?.keys
    if (!schemas) return
    it('is what the role takes', async () => {
      for (const [key, value] of keys.fragments.flatMap((fragment) => Object.entries(fragment))) {
        const schema: Schema | undefined = schemas[key]
        assert.ok(schema, `the role reads no key ${key}`)
        assert.deepEqual(validateNow(schema, value).issues ?? [], [], key)
      }
    })
  })
}
