import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSecret, secret } from '@chaos/core'
import { systemd } from '../../src/index.ts'
import { unitName } from '../../src/systemd/name.ts'
import { renderSections } from '../../src/systemd/sections.ts'

const escape = spawnSync('systemd-escape', ['--version']).error === undefined

describe('a name of a unit', () => {
  test.each([
    ['nginx', 'nginx.service'], ['app.timer', 'app.timer'], ['getty@tty1', 'getty@tty1.service'], ['a b', String.raw`a\x20b.service`], ['each@/srv/x', 'each@-srv-x.service'],
    ['my.app', 'my.app.service'], ['é', String.raw`\xc3\xa9.service`], ['*', String.raw`\x2a.service`],
  ])('%j is %s', (given, name) => {
    expect(unitName(given)).toBe(name)
  })

  test('holds nothing that systemctl or a shell could take for something else, whatever was given', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', minLength: 1 }), (given) => /^[A-Za-z0-9:_.\\@-]+$/.test(unitName(given)) && unitName(unitName(given)) === unitName(given)))
  })

  test.skipIf(!escape)(`is escaped as systemd-escape --mangle does it${escape ? '' : ' (needs systemd-escape)'}`, () => {
    const safe = fc.string({ unit: fc.constantFrom(...'ab .-_:@\\*?[]é☃$\'"'.split('')), minLength: 1, maxLength: 12 }).filter((given) => !/^[-.@]/.test(given))
    fc.assert(
      fc.property(safe, (given) => {
        const { stdout, status } = spawnSync('systemd-escape', ['--mangle', '--', given], { encoding: 'utf8' })
        return status !== 0 || stdout.trim() === unitName(given)
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    [{ name: 'each@' }, '"each@" is a template; name an instance of it, such as each@NAME'],
    [{ name: '--now' }, '"--now" is no name of a unit: it starts with "-"'],
    [{ name: 'a' }, 'say what it should be: running, enabled'],
    [{ name: 'a', running: false, state: 'restarted' as const }, 'what is not to run can neither be restarted nor reloaded'],
    [{ name: 'a', masked: true, running: true }, 'what is masked can neither run nor be enabled'],
  ])('%j: %s', (args, message) => {
    expect(() => systemd.service(args)).toThrow(message)
  })
})

test('sections become the text of a unit file; with a secret in it the whole is one', () => {
  expect(renderSections({ Unit: { Description: 'A' }, Service: { ExecStart: ['', '/bin/a'], LimitNOFILE: 5, PrivateTmp: true } })).toBe('[Unit]\nDescription=A\n\n[Service]\nExecStart=\nExecStart=/bin/a\nLimitNOFILE=5\nPrivateTmp=yes\n')
  expect(isSecret(renderSections({ Service: { Environment: secret('KEY=x') } }))).toBe(true)
})
