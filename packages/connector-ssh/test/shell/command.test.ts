import { spawnSync } from 'node:child_process'
import { accessSync, closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { loginCommand } from '../../src/shell/command.ts'

/** By what it is called when it is a login shell: the program that is. */
const SHELLS = { sh: 'sh', bash: 'bash', dash: 'dash', fish: 'fish', csh: 'tcsh', zsh: 'zsh', ash: 'busybox', mksh: 'mksh' }

const home = mkdtempSync(path.join(tmpdir(), 'chaos-login-'))
writeFileSync(`${home}/stdin`, 'of stdin\n')
const env = { HOME: home, PATH: process.env.PATH, LANG: 'C.UTF-8' }
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** As sshd calls it. What is asked for is checked by its output and its code. */
function said(program: string, argv0: string, line: string): readonly [number | null, string] {
  // A file, as what runs may not read it.
  const stdin = openSync(`${home}/stdin`, 'r')
  const { status, stdout, error } = spawnSync(program, ['-c', line], { argv0, env, cwd: home, encoding: 'latin1', stdio: [stdin, 'pipe', 'pipe'], timeout: 20_000 })
  closeSync(stdin)
  if (error !== undefined) throw error
  return [status, stdout]
}

/** All there is but NUL, which no line can hold. */
const TROUBLE = ` ' " \\ ! \n \t \r ^ $ \` # % ~ * ? { } [ ] ( ) < > | & ; = é € 😀`.split(' ').map((piece) => piece || ' ')
const anyText = fc.string({ unit: fc.oneof(fc.constantFrom(...TROUBLE), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })) })
const text = anyText.map((chosen) => chosen.replaceAll('\0', ''))
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** Scripts of pieces that a shell could take for its own; none of them does any harm, whatever it means. */
const PIECES = ['echo', ' ', ' ', 'a', '\n', '\\', "'", '"', '!', '!!', '^a^b', '$x', '${x-y}', '`echo b`', '$(echo c)', ';', 'x=1', '#', '%', '~', '*', '{a,b}', '=ls', 'é']
const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((list) => list.join(''))

describe.each(Object.entries(SHELLS))('a line for %s', (name, program) => {
  const missing = !process.env.PATH?.split(':').some((folder) => isProgram(path.join(folder, program)))

  it.skipIf(missing)(`carries every text${missing ? ` (no ${program} here)` : ''}`, { timeout: 240_000 }, () => {
    fc.assert(
      fc.property(text, (word) => {
        expect(said(program, name, loginCommand(`printf %s ${quoted(word)}; exit 7`))).toEqual([7, Buffer.from(word).toString('latin1')])
      }),
      { numRuns: 60 },
    )
  })

  it.skipIf(missing)(`runs every text as /bin/sh would${missing ? ` (no ${program} here)` : ''}`, { timeout: 240_000 }, () => {
    fc.assert(
      fc.property(pieces, (script) => {
        expect(said(program, name, loginCommand(script))).toEqual(said('/bin/sh', 'sh', script))
      }),
      { numRuns: 60, examples: [['echo a\\\n'], ['cat <<X\na!\nX\n'], ['cat; echo $#'], ["echo 'a\n\nb'\n\n"], ['exit 3'], [`if`]] },
    )
  })

  it.skipIf(missing)(`leaves stdin to what runs${missing ? ` (no ${program} here)` : ''}`, () => {
    expect(said(program, name, loginCommand('exec sh'))).toEqual([127, ''])
    expect(said(program, name, loginCommand('cat'))).toEqual([0, 'of stdin\n'])
  })
})

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
