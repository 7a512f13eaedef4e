// npm test: installs, prepares, checks, builds and tests everything. Needs Node and npm.
// The last line is "N passed, N failed, N skipped"; a check counts as one. Arguments go to vitest.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build, install } from './pnpm.mjs'
import { coreSize } from './core-size.mjs'
import { prepare } from './needs.mjs'
import { run, tool } from './program.mjs'
import { heading, line, step } from './step.mjs'

const totals = { passed: 0, failed: 0, skipped: 0 }
const count = (good) => (totals[good ? 'passed' : 'failed'] += 1)

heading('Setting up')
if (await step('install', install)) {
  await prepare()
  await checks()
  await tests()
} else {
  count(false)
}
process.exitCode = totals.failed === 0 ? 0 : 1
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)

async function checks() {
  heading('Checks')
  count(await step('lint', () => run(tool('oxlint'), ['--type-aware'])))
  count(await step('types', () => run(tool('tsc'), ['-p', 'tsconfig.json'])))
  count(await step('import directions', () => run(process.execPath, ['scripts/boundaries.mjs'])))
  const built = await step('build', build)
  count(built)
  // Tests of the command line and of packages run from what was built.
  if (!built) return
  count(await step('packages as they are published', () => run(process.execPath, ['scripts/packaging.mjs'])))
  line(`·  ${await coreSize()}`)
}

async function tests() {
  heading('Tests')
  const folder = mkdtempSync(path.join(tmpdir(), 'chaos-totals-'))
  const file = path.join(folder, 'totals.json')
  const args = ['run', '--reporter=default', '--reporter=./scripts/skip-reporter.mjs', ...process.argv.slice(2)]
  const { code } = await run(tool('vitest'), args, { show: true, env: { CHAOS_TEST_TOTALS: file } })
  try {
    const told = JSON.parse(readFileSync(file, 'utf8'))
    for (const state of Object.keys(totals)) totals[state] += told[state]
    // For instance a type error in the configuration, or a worker that died.
    if (code !== 0 && told.failed === 0) count(false)
  } catch {
    line('✗  vitest ended before it could tell its results')
    count(false)
  }
  rmSync(folder, { recursive: true })
}
