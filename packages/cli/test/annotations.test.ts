import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { annotateError, makeAnnotations } from '../src/render/annotations.ts'
import { escapeText } from '../src/render/escape.ts'
import { event } from './events.ts'

beforeEach(() => {
  vi.stubEnv('GITHUB_WORKSPACE', '/repo')
  vi.stubEnv('GITHUB_ACTIONS', 'true')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const COUNTS = { ok: 0, changed: 0, failed: 1, unknown: 0, skipped: 0 }

describe('annotations of GitHub', () => {
  test('carry file, line and column, with everything escaped that would end them', () => {
    let text = ''
    annotateError({ code: 'KEY_UNKNOWN', message: '50% of\nit', hint: 'do: this', position: { file: '/repo/a,b:c.yml', line: 3, column: 5 } }, (more) => (text += more))
    expect(text).toBe('::error file=a%2Cb%3Ac.yml,line=3,col=5,title=chaos KEY_UNKNOWN::50%25 of%0Ait%0Ado: this\n')
  })

  test('an error of a run is told once, and not more of them than GitHub shows', () => {
    const told: string[] = []
    const listener = makeAnnotations((text) => told.push(text))
    for (let index = 0; index < 20; index++) {
      const error = { code: 'STEP_FAILED', message: `no ${index}` }
      listener(event({ type: 'host.end', host: 'web1', state: 'failed', error, operations: COUNTS, exchanges: 1, milliseconds: 1 }))
      listener(event({ type: 'host.end', host: 'web1', state: 'failed', error, operations: COUNTS, exchanges: 1, milliseconds: 1 }))
    }
    expect(told).toHaveLength(10)
    expect(told[0]).toBe('::error title=chaos STEP_FAILED::web1: no 0\n')
  })

  test('a host cannot give commands to the workflow', () => {
    expect(escapeText('::set-env name=X::1\n##[command]x')).not.toMatch(/::|##\[/)
  })
})
