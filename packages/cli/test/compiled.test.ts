import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import nodeModule from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildIfStale, CHAOS } from './command-line.ts'

let home = ''

beforeAll(buildIfStale, 300_000)
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'chaos-home-'))
})
afterEach(() => rmSync(home, { recursive: true }))

/** Whether a run of chaos left compiled code in the home. */
function keeps(): boolean {
  const { status, stderr } = spawnSync(process.execPath, [CHAOS, '--version'], { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: home } })
  expect(status, stderr).toBe(0)
  return existsSync(path.join(home, '.cache/chaos/compiled'))
}

describe.skipIf(!('enableCompileCache' in nodeModule))('what was compiled (needs Node.js 22.8)', () => {
  it('is kept for the next run', () => {
    expect(keeps()).toBe(true)
  })

  it('is not kept where others can write, since it is run', () => {
    chmodSync(home, 0o777)
    expect(keeps()).toBe(false)
  })
})
