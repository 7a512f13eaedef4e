import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { ROOT, run, tool } from '../program.mjs'

let folder
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('says why tests were skipped, and counts every failure', async () => {
  // Below the repository, because the tests in it import vitest.
  folder = mkdtempSync(path.join(ROOT, 'scripts/test/.skip-reporter-'))
  // Named so that nobody but the inner vitest takes them for tests.
  writeFileSync(path.join(folder, 'vitest.config.mjs'), `export default { test: { include: ['*.case.mjs'] } }`)
  writeFileSync(
    path.join(folder, 'a.case.mjs'),
    `import { describe, expect, it } from 'vitest'
    it('passes', () => {})
    it('fails', () => expect(1).toBe(2))
    it('looks for podman', (context) => context.skip('podman is not here'))
    describe.skipIf(true)('a container (needs docker)', () => { it('starts', () => {}); it('stops', () => {}) })
    it.skip('tells nothing', () => {})`,
  )
  writeFileSync(path.join(folder, 'b.case.mjs'), `throw new Error('it cannot be loaded')`)
  const totals = path.join(folder, 'totals.json')
  const { code, output } = await run(
    tool('vitest'),
    ['run', '--root', folder, `--reporter=${path.join(ROOT, 'scripts/skip-reporter.mjs')}`],
    { env: { CHAOS_TEST_TOTALS: totals } },
  )
  expect(code).toBe(1)
  expect(JSON.parse(readFileSync(totals, 'utf8'))).toEqual({ passed: 1, failed: 2, skipped: 4 })
  expect(output).toContain('   1 × podman is not here\n   2 × needs docker\n   1 × no reason given: a.case.mjs > tells nothing\n')
})
