import { secret } from '@chaos/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/events/index.ts'
import type { EngineEvent } from '../../src/events/index.ts'
import { secretForms } from '../../src/events/secret-forms.ts'

function redactor(...secrets: string[]) {
  const made = createRedactor()
  for (const each of secrets) made.add(each)
  return made
}

/** Microseconds of the processor, however busy the machine is. */
function costs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

describe('the redactor', () => {
  const password = `p@ss "w'rd/+ä`
  it.each([
    ['as it is', password],
    ['base64', Buffer.from(password).toString('base64')],
    ['base64 without its end', Buffer.from(password).toString('base64').replace(/=+$/, '')],
    ['base64url', Buffer.from(password).toString('base64url')],
    ['a URL', encodeURIComponent(password)],
    ['a URL in small letters', encodeURIComponent(password).replace(/%../g, (code) => code.toLowerCase())],
    ['a form', encodeURIComponent(password).replaceAll('%20', '+')],
    ['a strict URL', encodeURIComponent(password).replaceAll("'", '%27')],
    ['JSON', JSON.stringify(password).slice(1, -1)],
    ['a shell word', `'p@ss "w'\\''rd/+ä'`],
    ['JSON of Python', JSON.stringify(password).slice(1, -1).replace('ä', '\\u00e4')],
    ['YAML', password.replace("'", "''")],
    ['a word of $\'…\'', password.replace("'", "\\'")],
    ['printf %q', `p@ss\\ \\"w\\'rd/+ä`],
    ['HTML', 'p@ss &quot;w&#39;rd/+ä'],
    ['hexadecimal digits', Buffer.from(password).toString('hex')],
  ])('finds a secret %s', (_, form) => {
    expect(redactor(password).redact(`a ${form} b`)).toBe('a *** b')
  })

  it.each(['', 'a', 'ab', 'user:'])('finds a secret in base64 behind %j', (before) => {
    const encoded = Buffer.from(`${before}correct horse battery`).toString('base64')
    const shown = redactor('correct horse battery').redact(encoded)
    expect(shown).toContain('***')
    expect(Buffer.from(shown.replace('***', ''), 'base64').toString('latin1')).not.toMatch(/corre|horse|batter/)
  })

  it('finds a secret as Go writes it, and in double quotes of a shell', () => {
    expect(redactor('a<b>&$x"`\\').redact('a\\u003cb\\u003e\\u0026$x\\"`\\\\ a<b>&\\$x\\"\\`\\\\')).toBe('*** ***')
  })

  it.each([76, 64])('finds a secret in lines of base64 of %i letters, with a line end behind it or without', (length) => {
    const key = `${'correct horse battery staple, '.repeat(20)}over`
    for (const end of ['', '\n']) {
      const lines = Buffer.from(key + end).toString('base64').match(new RegExp(`.{1,${length}}`, 'g')) ?? []
      const shown = redactor(key).redact(lines.join('\n')).split('\n')
      expect([shown.length, shown.slice(0, -1).every((line) => line === '***')]).toEqual([lines.length, true])
      expect(shown.at(-1)).toMatch(/^\*\*\*.{0,2}=*$/)
    }
  })

  it('does not look for truth values, alone or as a line, and for numbers it does', () => {
    expect(redactor('true', 'FALSE', 'null', 'on: x\nTrue\n').redact('true, false, null and True')).toBe('true, false, null and True')
    expect(redactor('4711').redact('the PIN 4711')).toBe('the PIN ***')
  })

  it('finds each line of a secret, and the trimmed text', () => {
    const key = redactor('-----BEGIN KEY-----\n  bGluZSBvbmU\r\nbGluZSB0d28\n-----END KEY-----\n')
    expect(key.redact('found bGluZSBvbmU and bGluZSB0d28.')).toBe('found *** and ***.')
    expect(redactor('hunter22\n').redact('is hunter22.')).toBe('is ***.')
  })

  it('leaves texts under four characters alone', () => {
    expect(redactor('abc', '', '  x ').redact('abc x')).toBe('abc x')
  })

  it('knows a secret of twenty thousand lines that begin alike', () => {
    const made = redactor(Array.from({ length: 20_000 }, (_, index) => `ssh-ed25519 ${index}`).join('\n'))
    expect(made.redact('ssh-ed25519 19999, ssh-ed25519 x, ssh-ed25519 20000')).toBe('***, ssh-ed25519 x, ***0')
  })

  it('leaves no beginning of a secret where the end of a text is missing', () => {
    const made = redactor('correct horse', 'horse battery')
    expect(['say correct', 'say corr', 'say correct horse batt', 'say horse battery', 'say more', 'cor'].map((text) => made.redact(text, { cut: true })))
      .toEqual(['say ***', 'say ***', 'say ***', 'say ***', 'say more', 'cor'])
    expect(made.redact('say correct')).toBe('say correct')
  })

  it('leaves nothing of secrets that overlap or hold each other', () => {
    expect(redactor('abcdef', 'defghi', 'cdef').redact('xabcdefghix')).toBe('x***x')
    expect(redactor('pass', 'password1').redact('password1 pass')).toBe('*** ***')
  })

  it('looks for a thousand secrets at once, not for one after the other', () => {
    const secrets = Array.from({ length: 1000 }, (_, index) => `secret-number-${index}-${'x'.repeat(index % 50)}`)
    const forms = secrets.flatMap((each) => [...secretForms(each)])
    const many = redactor(...secrets)
    const text = 'the quick brown fox jumps over the lazy dog, 1234567890 times.\n'.repeat(4_000)
    const atOnce = costs(() => expect(many.redact(text)).toBe(text))
    expect(atOnce * 3).toBeLessThan(costs(() => expect(forms.some((form) => text.includes(form))).toBe(false)))
    expect(many.redact('has secret-number-999- in it')).not.toContain('number-99-')
    expect(many.redact('secret-number-7-xxxxxxx')).toBe('***')
  })

  it('redacts the texts of an event, not its names and states', () => {
    const event = {
      run: 'r', time: 1, type: 'operation.end', host: 'changed', role: 'users', id: 'changed/users/0', operation: 'server.user', title: 'user changed', state: 'changed', milliseconds: 3,
      changes: [{ summary: 'set changed', before: { text: 'a changed b' }, after: { secret: true }, removes: false }],
      error: { code: 'changed', message: 'no changed', details: { id: 'changed', list: ['changed', { state: 'changed' }] } },
    } satisfies EngineEvent
    expect(redactor('changed').redactEvent(event)).toEqual({
      ...event,
      title: 'user ***',
      changes: [{ summary: 'set ***', before: { text: 'a *** b' }, after: { secret: true }, removes: false }],
      error: { code: 'changed', message: 'no ***', details: { id: '***', list: ['***', { state: '***' }] } },
    })
  })

  it('finds one among the names of details too, which are not ours', () => {
    const event = { type: 'warning', code: 'X', message: 'm', details: { 'for hunter22': { hunter22: 'hunter22' } } }
    expect(redactor('hunter22', 'message').redactEvent(event)).toEqual({ type: 'warning', code: 'X', message: 'm', details: { 'for ***': { '***': '***' } } })
  })

  it('shows no Secret and no bytes that got into an event', () => {
    const event = { type: 'warning', code: 'X', message: 'm', details: { password: secret('hunter22'), bytes: Buffer.from('hunter22') } }
    expect(redactor().redactEvent(event)).toEqual({ type: 'warning', code: 'X', message: 'm', details: { password: '***', bytes: { bytes: 8 } } })
  })
})

describe('redacted streams', () => {
  it('find a secret across pieces', () => {
    const stream = redactor('hunter22').stream()
    expect([stream.write('is hun'), stream.write('ter'), stream.write('22, yes'), stream.end()].join('')).toBe('is ***, yes')
  })

  it('hold back no more than they must', () => {
    const stream = redactor('abcd').stream()
    const held = stream.write('x'.repeat(1000))
    expect(held.length).toBeGreaterThan(980)
    const endless = redactor('aaaa').stream()
    let shown = ''
    for (let index = 0; index < 1000; index++) shown += endless.write('a'.repeat(100))
    expect(shown).toBe('***')
    expect(endless.end()).toBe('')
  })

  it('without secrets pass everything at once', () => {
    expect(redactor().stream().write('abc')).toBe('abc')
  })

  it('say the same as redacting the whole, however they are cut', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 60 })
    const secrets = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 4, maxLength: 7 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 8 }), secrets, (pieces, texts) => {
        const made = redactor(...texts)
        const stream = made.stream()
        expect(pieces.map((piece) => stream.write(piece)).join('') + stream.end()).toBe(made.redact(pieces.join('')))
      }),
      { numRuns: 2000 },
    )
  })
})
