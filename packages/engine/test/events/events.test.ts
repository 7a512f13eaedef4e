import { describe, expect, it } from 'vitest'
import { createEmitter, createRedactor, escapeTerminal, newRunId } from '../../src/events/index.ts'
import type { EngineEvent, Listener } from '../../src/events/index.ts'

describe('the emitter', () => {
  const body = { type: 'host.connect', host: 'a' } as const
  const setUp = (...listeners: Listener[]) => {
    const redactor = createRedactor()
    return { redactor, emit: createEmitter({ run: 'r1', listeners, redactor, now: () => 42 }) }
  }

  it('stamps events and tells everyone the same, redacted', () => {
    const one: EngineEvent[] = []
    const two: EngineEvent[] = []
    const { emit, redactor } = setUp((event) => one.push(event), (event) => two.push(event))
    redactor.add('hunter22')
    emit({ type: 'output', host: 'a', id: 'a/x/0', stream: 'stdout', text: 'hunter22' })
    expect(one).toEqual([{ run: 'r1', time: 42, type: 'output', host: 'a', id: 'a/x/0', stream: 'stdout', text: '***' }])
    expect(two[0]).toBe(one[0])
  })

  it('goes on when a listener throws, and warns the others once', () => {
    const seen: EngineEvent[] = []
    const { emit } = setUp(() => {
      throw new Error('broken pipe')
    }, (event) => seen.push(event))
    emit(body)
    emit(body)
    expect(seen.map((event) => event.type)).toEqual(['warning', 'host.connect', 'host.connect'])
    expect(seen[0]).toMatchObject({ code: 'LISTENER_FAILED', message: 'Something that follows this run failed: broken pipe' })
  })

  it('survives an asynchronous listener that fails', async () => {
    const seen: EngineEvent[] = []
    const late: () => unknown = async () => Promise.reject(new Error('late'))
    const { emit } = setUp(late, (event) => seen.push(event))
    emit(body)
    await new Promise((resolve) => setImmediate(resolve))
    expect(seen.map((event) => event.type)).toEqual(['host.connect', 'warning'])
  })
})

describe('run ids', () => {
  it('sort by time and are unique', () => {
    expect(newRunId(new Date('2026-11-21T04:19:36.123Z'))).toMatch(/^20261121-041936-123-[0-9a-f]{8}$/)
    expect(newRunId(new Date(1)) < newRunId(new Date(2))).toBe(true)
    expect(new Set(Array.from({ length: 1000 }, () => newRunId(new Date(1)))).size).toBe(1000)
  })
})

describe('text for a terminal', () => {
  it.each([
    ['plain ä 日本 👍🏽\ttab\nline', 'plain ä 日本 👍🏽\ttab\nline'],
    ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
    ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
    ['\u009b2J', '\\x9b2J'],
    ['50%\r100%\r\nend', '50%\\r100%\nend'],
    ['a\bb\0c\u007f', 'a\\x08b\\x00c\\x7f'],
    ['\u202egnp.exe\u2066', '\\u202egnp.exe\\u2066'],
    ['half \ud83d', 'half \\ud83d'],
  ])('%j is harmless as %j', (text, expected) => {
    expect(escapeTerminal(text)).toBe(expected)
  })
})
