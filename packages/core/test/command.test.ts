import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isCommand, lines, quote, script, secret, sh, word } from '../src/index.ts'
import type { Command } from '../src/index.ts'

const SHELLS = ['/bin/sh', '/bin/bash', '/usr/bin/mksh', '/usr/bin/busybox']

function output(command: Command, shell = '/bin/sh'): string {
  return execFileSync(shell, [...(shell.endsWith('busybox') ? ['sh'] : []), '-c', command.text], { encoding: 'utf8', maxBuffer: 1 << 24 })
}

/** Any text without NUL and lone surrogates: those have no UTF-8. */
const text = fc.string({ unit: 'binary', maxLength: 60 }).filter((value) => !value.includes('\0') && Buffer.from(value).toString() === value)
const odd = fc.string({ unit: fc.constantFrom("'", '"', '\\', '$', '`', '!', '*', '?', '~', '#', ' ', '\n', '\t', '-', '=', ';', '&', '|', '(', ')', '<', '>', '\r', '{', '}', '[', ']', 'é', '🎉'), maxLength: 30 })

describe('sh', () => {
  it.for(SHELLS)('makes one word of every Unicode text without NUL (needs %s)', (shell, { skip }) => {
    skip(!existsSync(shell), `needs ${shell}`)
    fc.assert(
      fc.property(fc.array(fc.oneof(text, odd), { minLength: 1, maxLength: 40 }), (values) => {
        // Many words in one shell: a process for each would make few of them.
        expect(output(sh`for each in ${values}; do printf '%s\0' "$each"; done`, shell)).toBe(values.map((value) => `${value}\0`).join(''))
      }),
      { numRuns: 40 },
    )
  })

  it('keeps a word a word inside commands inside words', () => {
    fc.assert(
      fc.property(odd, (value) => {
        const inner = sh`printf %s ${value}`
        expect(output(sh`sh -c ${word(sh`sh -c ${word(inner)}`)}`)).toBe(value)
      }),
      { numRuns: 40 },
    )
  })

  it('writes numbers, arrays and commands', () => {
    expect(sh`head -c ${12} ${['a b', 3, sh`-- "$x"`]}`.text).toBe(`head -c 12 'a b' 3 -- "$x"`)
    expect(sh`rm ${[]}`.text).toBe('rm ')
    expect(sh`echo ${''}`.text).toBe("echo ''")
  })

  it('leaves plain words as they are, so that logs can be read', () => {
    expect(sh`install -m ${'0644'} ${'/etc/ssh/sshd_config.d/10-a.conf'} ${'root:www-data'}`.text).toBe('install -m 0644 /etc/ssh/sshd_config.d/10-a.conf root:www-data')
    expect(quote('~')).toBe("'~'")
    expect(quote('A=b')).toBe("'A=b'")
  })

  it('takes backslashes of the template as they stand', () => {
    expect(sh`printf 'a\tb\n'`.text).toBe(String.raw`printf 'a\tb\n'`)
  })

  it('takes no boolean, nothing undefined, no object, and no secret', () => {
    // @ts-expect-error a boolean is no word
    expect(() => sh`echo ${true}`).toThrow('A boolean cannot stand in a command.')
    // @ts-expect-error undefined is no word
    expect(() => sh`echo ${undefined}`).toThrow('A undefined cannot stand in a command.')
    // @ts-expect-error null is no word
    expect(() => sh`echo ${null}`).toThrow('A null cannot stand in a command.')
    // @ts-expect-error an object is no word
    expect(() => sh`echo ${{ a: 1 }}`).toThrow('A object cannot stand in a command.')
    // @ts-expect-error a secret must not be seen in a process list
    expect(() => sh`echo ${secret('hunter22')}`).toThrow('A secret cannot stand in a command.')
    // @ts-expect-error nor inside an array
    expect(() => sh`echo ${['a', secret('hunter22')]}`).toThrow('A secret cannot stand in a command.')
    expect(() => sh`echo ${Number.NaN}`).toThrow('A number cannot stand in a command.')
  })

  it('refuses NUL, which no shell can be told', () => {
    expect(() => sh`echo ${'a\0b'}`).toThrow('A command cannot hold a NUL character.')
    expect(() => script('echo a\0b')).toThrow('A command cannot hold a NUL character.')
  })
})

describe('a command', () => {
  it('is made by sh, script, word and lines, and by nothing else', () => {
    for (const command of [sh`true`, script('true'), word(sh`true`), lines(sh`true`, sh`false`)]) expect(isCommand(command)).toBe(true)
    for (const other of ['true', { text: 'true' }, null, undefined]) expect(isCommand(other)).toBe(false)
    // @ts-expect-error a string is no command
    const command: Command = 'true'
    expect(isCommand(command)).toBe(false)
  })

  it('cannot be changed once it is made', () => {
    expect(Object.isFrozen(sh`true`)).toBe(true)
  })

  it('keeps what a user wrote', () => {
    expect(output(script('echo "$((1 + 1))" | cat'))).toBe('2\n')
    expect(output(lines(sh`echo a # a comment`, sh`echo b`))).toBe('a\nb\n')
  })
})
