import { spawnSync } from 'node:child_process'
import { beforeAll, expect, test } from 'vitest'
import { buildIfStale, CHAOS } from './command-line.ts'

beforeAll(buildIfStale, 120_000)

/** Tells each module that is resolved, on stderr. */
const HOOK = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module'
  register('data:text/javascript,' + encodeURIComponent("import { writeSync } from 'node:fs'\\nexport async function resolve(s, c, next) { const r = await next(s, c); writeSync(2, 'LOADED ' + r.url + '\\\\n'); return r }"))
`)}`

test('--help imports the parser and nothing else', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', HOOK, CHAOS, '--help'], { encoding: 'utf8', cwd: '/' })
  expect(status).toBe(0)
  expect(stdout).toContain('chaos')
  const loaded = stderr.split('\n').filter((line) => line.startsWith('LOADED file:')).map((line) => line.replace(/^.*\/(node_modules\/(?!.*node_modules)|packages\/)/, ''))
  expect([...new Set(loaded)].toSorted()).toEqual([
    'cli/bin/chaos.js', 'cli/dist/exit-codes.js', 'cli/dist/index.js', 'cli/dist/own-package.js',
  ])
})
