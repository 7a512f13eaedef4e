import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSshConfig } from '../src/ssh-config.ts'
import { parseLines } from '../src/status.ts'

describe('lines for machines', () => {
  it('give back what was written, with its commas and lines', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', ',', '\n', '"', '(', '%', '!', 'é') })
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9_.-]{0,9}$/), fc.array(text, { minLength: 1 }), (target, data) => {
        // An escaped comma in the text itself cannot be told from a comma.
        fc.pre(!data.some((each) => each.includes('%!(')) && data.at(-1) === data.at(-1)!.trimEnd())
        const line = ['1795246077', target, 'ui', ...data.map((each) => each.replaceAll(',', '%!(VAGRANT_COMMA)').replaceAll('\n', String.raw`\n`))].join(',')
        expect(parseLines(`==> noise, of a plugin\n${line}\n`)).toEqual([{ target, type: 'ui', data }])
      }),
    )
  })
})

describe('a configuration of SSH', () => {
  it('is read by machine, the first value of each keyword, whatever surrounds it', () => {
    const value = fc.stringMatching(/^[!-~](?:[ -~]{0,12}[!-~])?$/).filter((each) => !each.startsWith('"'))
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 4 }), value, (names, path) => {
        const text = names.map((name) => `Host ${name}\n  HostName 127.0.0.1\n\n  IdentityFile "${path}"\n  IdentityFile /second\n\n`).join('')
        expect(parseSshConfig(`a warning\n${text}`)).toEqual(new Map(names.map((name) => [name, new Map([['hostname', '127.0.0.1'], ['identityfile', path]])])))
      }),
    )
  })
})
