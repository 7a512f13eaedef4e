import assert from 'node:assert/strict'
import type { Runner } from './runner.ts'

export interface AliasesSuiteOptions extends Runner {
  /** The `aliases` of the package's `chaos` field. */
  aliases: Readonly<Record<string, string | readonly string[]>>
  /** The names of its roles, and of those of other packages that its aliases stand for. */
  roles: readonly string[]
}

/** For every set of aliases: short names for roles that are there, and for nothing else. */
export function aliasesSuite({ aliases, roles, describe, it }: AliasesSuiteOptions): void {
  const targetsOf = (alias: string): string[] => [aliases[alias] ?? []].flat().flatMap((each) => each.split(/\s+/)).filter((each) => each !== '')

  describe('the aliases contract', () => {
    it('names roles, and other aliases of the package', async () => {
      const known = [...roles, ...Object.keys(aliases)]
      assert.deepEqual(Object.keys(aliases).filter((alias) => targetsOf(alias).length === 0), [])
      assert.deepEqual(Object.keys(aliases).flatMap(targetsOf).filter((target) => !known.includes(target)), [])
    })

    it('leads to roles, never in a circle', async () => {
      const circles = (alias: string, through: readonly string[]): boolean => through.includes(alias) || targetsOf(alias).some((next) => circles(next, [...through, alias]))
      assert.deepEqual(Object.keys(aliases).filter((alias) => circles(alias, [])), [])
    })

    it('hides no role', async () => {
      assert.deepEqual(Object.keys(aliases).filter((alias) => roles.includes(alias)), [])
    })

    it('has names that can be typed', async () => {
      assert.deepEqual(Object.keys(aliases).filter((alias) => !/^[a-z][a-z0-9_-]*$/i.test(alias)), [])
    })
  })
}
