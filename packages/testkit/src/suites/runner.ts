/**
 * The test runner, injected so that a plugin's author may use any: those of vitest, jest, mocha and `node:test` fit.
 * The suites check with `node:assert`.
 */
export interface Runner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
}
