import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { markPid } from '../../src/client/channel/pid.ts'

/** What a shell prints on stderr for a text. */
function printed(text: string): Buffer {
  return execFileSync('/bin/sh', ['-c', `( ${text}\n) 2>&1 >/dev/null`])
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [...new Set(at.map((place) => place % (bytes.length + 1)))].toSorted((one, other) => one - other)
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length))
}

describe('the line in which a shell says its number', () => {
  it('is said by a real shell, and taken out', () => {
    const { text, strip, pid } = markPid('echo rest >&2')
    expect(Buffer.concat([strip(printed(text)), strip.rest()]).toString()).toBe('rest\n')
    expect(pid()).toBeGreaterThan(1)
  })

  it('is taken out wherever the stream is cut, and nothing else is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(), { maxLength: 12 }), fc.constantFrom('\n', '\r\n'), (before, after, at, end) => {
        const { text, strip, pid } = markPid('true')
        const word = /echo (\w+)""(\w+)/.exec(text)!.slice(1).join('')
        const bytes = Buffer.concat([before, Buffer.from(`${word}:4711${end}`), after])
        const out = Buffer.concat([...cut(bytes, at).map((part) => strip(part)), strip.rest()])
        expect(out.equals(Buffer.concat([before, after]))).toBe(true)
        expect(pid()).toBe(4711)
      }),
    )
  })

  it('that never comes leaves the stream as it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(), { maxLength: 12 }), (bytes, at) => {
        const { strip, pid } = markPid('true')
        const out = Buffer.concat([...cut(Buffer.from(bytes), at).map((part) => strip(part)), strip.rest()])
        expect([out.equals(bytes), pid()]).toEqual([true, undefined])
      }),
    )
  })

  it('is not waited for behind endless noise', () => {
    const { strip } = markPid('true')
    const noise = Buffer.alloc(100_000, 'x')
    expect(strip(noise).length).toBe(noise.length)
  })
})
