import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../program.mjs'
import { normal, realOutput, shown } from '../readme.mjs'

const built = existsSync(path.join(ROOT, 'packages/cli/dist/index.js'))

it.skipIf(!built)('shows in the README what a run really prints (needs the build)', async () => {
  expect(normal(await realOutput()), 'node scripts/readme.mjs brings the README up to date').toBe(normal(shown()))
})
