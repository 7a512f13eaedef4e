import assert from 'node:assert/strict'
import type { Runner } from './runner.ts'

export interface AliasesSuiteOptions extends Runner {
  /** The `aliases` of the package's `chaos` field. */
  aliases: Readonly<Record<string, string>>
  /** The names of its roles. */
  roles: readonly string[]
}

/** For every set of aliases: short names for roles that are there, and for nothing else. */
export function aliasesSuite({ aliases, roles, describe, it }: AliasesSuiteOptions): void {
  describe('the aliases contract', () => {
    it('names roles of the package', async () => {
      assert.deepEqual(Object.values(aliases).filter((target) => !roles.includes(target)), [])
    })

    it('hides no role', async () => {
      assert.deepEqual(Object.keys(aliases).filter((alias) => roles.includes(alias)), [])
    })

    it('has names that can be typed', async () => {
      assert.deepEqual(Object.keys(aliases).filter((alias) => !/^[a-z][a-z0-9_-]*$/.test(alias)), [])
    })
  })
}
