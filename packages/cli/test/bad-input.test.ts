import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildIfStale, makeDesk } from './command-line.ts'
import type { Desk } from './command-line.ts'

let desk: Desk
beforeAll(() => {
  desk = makeDesk()
  buildIfStale()
}, 300_000)
afterAll(() => desk.remove())

const FILES = 'files:\n  - { path: /tmp/x, state: directory }\n'
const BOMB = `a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 8 }, (_, index) => `a${index + 1}: &a${index + 1} [${Array(10).fill(`*a${index}`).join(', ')}]\n`).join('')}`

describe('bad input gives exit code 2, a place and a remedy, and no stack trace', () => {
  test.each<[string, string, string[], RegExp]>([
    ['a YAML error', 'files: [', [], /ch-obolo\.yml:\d+:\d+/],
    ['an unknown key in an item', 'files:\n  - { path: /tmp/x, contnet: hi }\n', [], /ch-obolo\.yml:2:\d+[^]*content/],
    ['an unknown root key that is nearly a known one', 'fles: []\n', [], /ch-obolo\.yml:1:1[^]*files/],
    ['a wrong type', 'files:\n  - { path: 5 }\n', [], /ch-obolo\.yml:2:\d+/],
    ['an unquoted mode', 'files:\n  - { path: /tmp/x, state: directory, mode: 0644 }\n', [], /ch-obolo\.yml:2:\d+[^]*['"]0644['"]/],
    ['a cycle of references', 'a: "${b}"\nb: "${a}"\nfiles:\n  - { path: "${a}" }\n', [], /ch-obolo\.yml:\d+:\d+/],
    ['an alias bomb', BOMB + FILES, [], /ch-obolo\.yml:\d+:\d+/],
    ['duplicate hosts', `fleet:\n  hosts:\n    - a: {}\n    - a: {}\n${FILES}`, ['--fleet'], /`?a`?/],
    ['an unknown connector', `fleet:\n  hosts:\n    - "@nope/x": {}\n${FILES}`, ['--fleet'], /@?nope/],
    ['an empty selection', `fleet:\n  hosts:\n    - "@local": {}\n${FILES}`, ['--limit', 'web*'], /web\*/],
    ['--fleet without a fleet', FILES, ['--fleet'], /no fleet[^]*→/],
    ['--limit without a fleet', FILES, ['--limit', 'a'], /no fleet[^]*→/],
    ['an unknown role', FILES, ['fils'], /fils[^]*→[^]*files/],
  ])('%s', async (_, text, args, expected) => {
    desk.write('ch-obolo.yml', text)
    const { code, stdout, stderr } = await desk.chaos(['apply', ...args, '--dry'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(expected)
    expect(stderr).toContain('✖ ')
    expect(stderr).not.toMatch(/\.[jt]s:\d+|node:internal/)
  })

  test.each<[string, string, string, string[], RegExp]>([
    ['a value of the config', 'config.yml', 'chobolo_file: a.yml\nsecret_plugins: [ok, 5]\n', ['check'], /`secret_plugins` is not a list of roles[^]*config\.yml:2:1/],
    ['the YAML of the config', 'config.yml', '# mine\n\naliases: {\n', ['check'], /config\.yml:\d+:\d+/],
    ['an alias bomb in the config', 'config.yml', BOMB, ['check'], /config\.yml cannot be used: .*alias/],
    ['an alias bomb in a registry', 'styx.yml', BOMB, ['styx', 'list', '--registry', 'styx.yml'], /styx\.yml is no registry: .*alias/],
    ['an entry of a registry', 'styx.yml', 'styx:\n  motd:\n    name: chaos-role-motd\n    version: ^1.0.0\n', ['styx', 'list', '--registry', 'styx.yml'], /styx\.motd\.version[^]*styx\.yml:4:5/],
    ['a key too many in a registry', 'styx.yml', `styx:\n  motd: { name: chaos-role-motd, version: 1.0.0, hash: ${'a'.repeat(64)}, hsh: x }\n`, ['styx', 'list', '--registry', 'styx.yml'], /hsh[^]*styx\.yml:2:\d\d\d/],
  ])('%s', async (_, name, text, args, expected) => {
    desk.write('ch-obolo.yml', FILES)
    desk.write(name, text)
    const { code, stderr } = await desk.chaos(args, { env: { CHAOS_CONFIG_DIR: desk.folder } })
    desk.write(name, '')
    expect([code, stderr]).toEqual([2, expect.stringMatching(expected)])
    expect(stderr).not.toMatch(/\.[jt]s:\d+|node:internal/)
  })

  test('wrong usage', async () => {
    desk.write('ch-obolo.yml', FILES)
    for (const args of [['apply', '--limt', 'a'], ['aply'], ['apply', '--timeout', 'x'], ['explain', 'files', '-d', 'deep'], ['check', 'rolls'], ['apply', '-s'], ['styx', 'list'], ['set', 'chobolo', 'nowhere.yml'], ['apply', '--detailed-exitcode', '-y'], []]) {
      const { code, stderr } = await desk.chaos(args)
      expect([args, code]).toEqual([args, 2])
      expect(stderr).not.toContain('at Command')
    }
  })

  test('with --json the error is one line of JSON on stdout, and nothing on stderr', async () => {
    desk.write('ch-obolo.yml', 'files:\n  - { path: 5 }\n')
    const { code, stdout, stderr } = await desk.chaos(['apply', '--dry', '--json'])
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ type: 'error', version: 1, code: 'CHOBOLO_INVALID', position: { line: 2 } })
  })

  test('in a workflow of GitHub the place becomes an annotation', async () => {
    desk.write('ch-obolo.yml', 'files:\n  - { path: 5 }\n')
    const { stderr } = await desk.chaos(['apply', '--dry'], { env: { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: desk.folder } })
    expect(stderr).toMatch(/^::error file=ch-obolo\.yml,line=2,col=\d+,title=chaos CHOBOLO_INVALID::/m)
  })
})
