import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildIfStale, makeDesk } from './command-line.ts'
import type { Desk, Ended } from './command-line.ts'
import { openTerminal } from './terminal.ts'
import type { Terminal } from './terminal.ts'

/**
 * Somebody's connector that knows who machines are: the folder `machines` has a file for each with its keys, the file `trusted` what
 * was kept. A bastion that is not trusted opens nothing.
 */
const CONNECTOR = `import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { ChaosError, defineConnector } from '@chaos/core'
const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8').split('\\n').filter(Boolean) : [])
const keysOf = (name) => read('machines/' + name)
const kept = (name) => read('trusted').filter((line) => line.startsWith(name + ' ')).map((line) => line.slice(name.length + 1))
const data = { '~standard': { version: 1, vendor: 'vault', validate: (value) => ({ value }) } }
export default defineConnector({
  data,
  async open({ host, argument }, { base }) {
    appendFileSync('log', 'open ' + argument + '\\n')
    if (!keysOf(argument).every((key) => kept(argument).includes(key))) {
      throw new ChaosError('HOST_KEY_UNKNOWN', { message: 'The host key of ' + argument + ' is not known.', hint: 'chaos trust ' + argument, host, details: { retry: false } })
    }
    return { spawn: (command, options) => base.spawn(command, options), close: async () => void appendFileSync('log', 'close ' + argument + '\\n') }
  },
  async identify({ host, argument, data, below }) {
    appendFileSync('log', ['identify', argument, ...below, ...Object.values(data)].join(' ') + '\\n')
    const name = data.vault_alias ?? argument
    const known = kept(name)
    const keys = keysOf(argument).map((key) => {
      const [type, fingerprint] = key.split(' ')
      const state = known.includes(key) ? 'trusted' : known.some((each) => each.startsWith(type + ' ')) ? 'changed' : 'new'
      return { type, fingerprint, state }
    })
    if (keys.length === 0) throw new ChaosError('CONNECT_REFUSED', { message: argument + ' cannot be reached.', host })
    return {
      name,
      file: process.cwd() + '/trusted',
      keys,
      async trust() {
        if (keys.some(({ state }) => state === 'changed')) {
          throw new ChaosError('HOST_KEY_CHANGED', { message: 'The host key of ' + name + ' has changed.\\nit shows  x', hint: 'Ask its owner.', host, details: { retry: false } })
        }
        for (const { type, fingerprint, state } of keys) if (state === 'new') appendFileSync('trusted', [name, type, fingerprint].join(' ') + '\\n')
      },
    }
  },
})
`

let desk: Desk
let terminals: Terminal[] = []
beforeAll(buildIfStale, 300_000)
beforeEach(() => {
  desk = makeDesk()
  addConnector()
  desk.write('machines/db1', 'ssh-ed25519 SHA256:aaa\necdsa-sha2-nistp256 SHA256:bbb\n')
  desk.write('machines/bastion', 'ssh-ed25519 SHA256:ccc\n')
})
afterEach(() => {
  for (const terminal of terminals) terminal.kill()
  terminals = []
  desk.remove()
})

function addConnector(): void {
  const plugin = path.join(desk.folder, 'node_modules/chaos-connector-vault')
  mkdirSync(path.join(plugin, 'node_modules/@chaos'), { recursive: true })
  writeFileSync(path.join(desk.folder, 'package.json'), JSON.stringify({ dependencies: { 'chaos-connector-vault': '*' } }))
  writeFileSync(path.join(plugin, 'package.json'), JSON.stringify({ name: 'chaos-connector-vault', version: '1.0.0', type: 'module', exports: './index.js' }))
  writeFileSync(path.join(plugin, 'index.js'), CONNECTOR)
  symlinkSync(path.join(import.meta.dirname, '../../core'), path.join(plugin, 'node_modules/@chaos/core'))
}

const textOf = (name: string): string => (existsSync(path.join(desk.folder, name)) ? readFileSync(path.join(desk.folder, name), 'utf8') : '')
const DB1 = 'db1 ssh-ed25519 SHA256:aaa\ndb1 ecdsa-sha2-nistp256 SHA256:bbb\n'

function terminal(...args: string[]): Terminal {
  const opened = openTerminal(desk, args)
  terminals.push(opened)
  return opened
}

/** What was shown, without what differs from run to run. */
const told = ({ stdout }: Pick<Ended, 'stdout'>): string[] => stdout.replaceAll(desk.folder, 'DESK').split('\n')

describe('with --yes', () => {
  test('the keys are shown and kept, and the second time there is nothing to do', async () => {
    const first = await desk.chaos(['trust', '@vault/db1', '-y'])
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(told(first)).toEqual([
      '@vault/db1 · db1 · DESK/trusted',
      '  + ssh-ed25519          SHA256:aaa',
      '  + ecdsa-sha2-nistp256  SHA256:bbb',
      '✔ @vault/db1 is trusted from now on.',
      '',
    ])
    expect(textOf('trusted')).toBe(DB1)
    const second = await desk.chaos(['trust', '@vault/db1', '--yes'])
    expect(second).toMatchObject({ code: 0, stderr: '' })
    expect(told(second).slice(1)).toEqual(['  ✓ ssh-ed25519          SHA256:aaa  trusted', '  ✓ ecdsa-sha2-nistp256  SHA256:bbb  trusted', '✔ @vault/db1 is trusted already.', ''])
    expect(textOf('trusted')).toBe(DB1)
  })

  test('a machine that is not there fails, and the others are trusted all the same', async () => {
    const { code, stdout, stderr } = await desk.chaos(['trust', '@vault/none', '@vault/db1', '-y'])
    expect(code).toBe(1)
    expect(stderr).toContain('none cannot be reached.')
    expect(stdout).toContain('@vault/db1 is trusted from now on.')
    expect(textOf('trusted')).toBe(DB1)
  })

  test('a machine whose key has changed is refused with the words of its connector, and nothing is kept', async () => {
    const before = 'db1 ssh-ed25519 SHA256:old\n'
    desk.write('trusted', before)
    const { code, stdout, stderr } = await desk.chaos(['trust', '@vault/db1', '-y'])
    expect(code).toBe(1)
    expect(stdout).toContain('  ✖ ssh-ed25519          SHA256:aaa  not the one that is trusted\n  + ecdsa-sha2-nistp256  SHA256:bbb\n')
    expect(stdout).not.toContain('from now on')
    expect(stderr).toBe('✖ @vault/db1 The host key of db1 has changed.\n  it shows  x\n  → Ask its owner.\n')
    expect(textOf('trusted')).toBe(before)
  })

  test('what a machine says of itself cannot move the cursor', async () => {
    desk.write('machines/evil', 'ssh\u001b[2J SHA256:\u001b[31m\n')
    expect((await desk.chaos(['trust', '@vault/evil', '-y'])).stdout).toContain('  + ssh\\x1b[2J  SHA256:\\x1b[31m')
  })
})

describe('the hosts', () => {
  test('are those of the fleet with their data, by name and by pattern, each once', async () => {
    desk.write('ch-obolo.yml', JSON.stringify({ fleet: { hosts: [{ '@vault/db1': { vault_alias: 'first' } }, '@vault/bastion', '@local'] } }))
    expect((await desk.chaos(['trust', '@vault/db1', '@vault/d*', '@vault/b*', '-y'])).code).toBe(0)
    expect(textOf('log')).toBe('identify db1 first\nidentify bastion\n')
    expect(textOf('trusted')).toBe('first ssh-ed25519 SHA256:aaa\nfirst ecdsa-sha2-nistp256 SHA256:bbb\nbastion ssh-ed25519 SHA256:ccc\n')
  })

  test('may be any others beside it, and a Ch-obolo may be named', async () => {
    desk.write('other.yml', JSON.stringify({ fleet: { hosts: [{ '@vault/bastion': { vault_alias: 'gate' } }] } }))
    expect((await desk.chaos(['trust', '@vault/db1', '@vault/bastion', '-y', '-c', 'other.yml'])).code).toBe(0)
    expect(textOf('log')).toBe('identify db1\nidentify bastion gate\n')
  })

  test('are asked one after the other: a bastion that is trusted first is the way to the one behind it', async () => {
    const late = await desk.chaos(['trust', '@vault/bastion/@vault/db1', '-y'])
    expect(late).toMatchObject({ code: 1, stdout: '' })
    expect(late.stderr).toContain('The host key of bastion is not known.')
    desk.write('log', '')
    const { code, stderr } = await desk.chaos(['trust', '@vault/bastion', '@vault/bastion/@vault/db1', '-y'])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(textOf('log')).toBe('identify bastion\nopen bastion\nidentify db1 @vault/bastion\nclose bastion\n')
  })

  test('that show nothing of themselves are told so', async () => {
    const { code, stderr } = await desk.chaos(['trust', '@local', '-y'])
    expect(code).toBe(2)
    expect(stderr).toContain('@local shows nothing that could be trusted')
  })

  test('a pattern that names none of the fleet is an error, and no host', async () => {
    const { code, stderr } = await desk.chaos(['trust', 'web*', '-y'])
    expect(code).toBe(2)
    expect(stderr).toContain('The fleet has no hosts.')
  })
})

describe('nobody to ask', () => {
  test.each([[['@vault/db1']], [['@vault/db1', '--json']]])('%j without --yes is wrong usage, before anything is asked of a machine', async (args) => {
    const { code, stdout, stderr } = await desk.chaos(['trust', ...args])
    expect(code).toBe(2)
    expect(stdout + stderr).toContain('--yes')
    expect(textOf('log')).toBe('')
  })

  test('no host is wrong usage', async () => {
    expect(await desk.chaos(['trust', '-y'])).toMatchObject({ code: 2, stderr: expect.stringContaining('host') })
  })
})

describe('--json', () => {
  const lines = ({ stdout }: Ended): Record<string, unknown>[] => stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)

  test('is one line for each key', async () => {
    desk.write('trusted', 'db1 ssh-ed25519 SHA256:aaa\n')
    const ended = await desk.chaos(['trust', '@vault/db1', '-y', '--json'])
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    const common = { type: 'key', version: 1, host: '@vault/db1', name: 'db1', file: path.join(desk.folder, 'trusted') }
    expect(lines(ended)).toMatchObject([
      { ...common, key: 'ssh-ed25519', fingerprint: 'SHA256:aaa', state: 'trusted', trusted: true },
      { ...common, key: 'ecdsa-sha2-nistp256', fingerprint: 'SHA256:bbb', state: 'new', trusted: true },
    ])
  })

  test('says of a changed one that it is not trusted, and why', async () => {
    desk.write('trusted', 'db1 ssh-ed25519 SHA256:old\n')
    const ended = await desk.chaos(['trust', '@vault/db1', '-y', '--json'])
    expect(ended.code).toBe(1)
    expect(lines(ended)).toMatchObject([
      { type: 'key', state: 'changed', trusted: false },
      { type: 'key', state: 'new', trusted: false },
      { type: 'error', code: 'HOST_KEY_CHANGED' },
    ])
  })
})

describe('at a terminal', () => {
  test('Enter is no, and nothing is kept', async () => {
    const screen = terminal('trust', '@vault/db1')
    await screen.shows('SHA256:bbb')
    await screen.shows('○ Yes / ● No')
    screen.type('\r')
    expect(await screen.ended).toBe(1)
    expect(screen.lines().at(-1)).toBe('Nothing was kept.')
    expect(textOf('trusted')).toBe('')
  })

  test('y is yes, each host is asked for once, and those that are trusted are not asked for', async () => {
    desk.write('trusted', 'bastion ssh-ed25519 SHA256:ccc\ndb1 ssh-ed25519 SHA256:aaa\n')
    desk.write('machines/db2', 'ssh-rsa SHA256:ddd\n')
    const screen = terminal('trust', '@vault/bastion', '@vault/db1', '@vault/db2')
    await screen.shows('Trust 1 more key of @vault/db1?')
    screen.type('y')
    await screen.shows('Is this @vault/db2, and is it to be trusted?')
    screen.type('y')
    expect(await screen.ended).toBe(0)
    expect(textOf('trusted')).toBe('bastion ssh-ed25519 SHA256:ccc\ndb1 ssh-ed25519 SHA256:aaa\ndb1 ecdsa-sha2-nistp256 SHA256:bbb\ndb2 ssh-rsa SHA256:ddd\n')
  })

  test('Ctrl-C is an interrupt: no further host is asked for', async () => {
    const screen = terminal('trust', '@vault/db1', '@vault/bastion')
    await screen.shows('○ Yes / ● No')
    screen.type('\u0003')
    expect(await screen.ended).toBe(130)
    expect(textOf('trusted')).toBe('')
    expect(textOf('log')).toBe('identify db1\n')
  })

  test('a changed key is not asked for', async () => {
    desk.write('trusted', 'db1 ssh-ed25519 SHA256:old\n')
    const screen = terminal('trust', '@vault/db1')
    expect(await screen.ended).toBe(1)
    expect(screen.raw()).not.toContain('Yes')
  })
})

test('it is explained', async () => {
  const { code, stdout } = await desk.chaos(['explain', 'trust'])
  expect(code).toBe(0)
  expect(stdout).toContain('chaos trust')
})

const reason = noSshd() ?? (hasSsh() ? undefined : 'the CLI does not depend on @chaos/connector-ssh')
describe.skipIf(reason !== undefined)(`a real sshd${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd({ hostKeys: ['ed25519', 'rsa'] })
  })
  afterAll(() => sshd?.close())

  const dataOf = (knownHosts: string): Record<string, unknown> => ({
    ssh_hostname: sshd.host, ssh_port: sshd.port, ssh_user: 'root', ssh_key: sshd.key, ssh_known_hosts_file: path.join(desk.folder, knownHosts), ssh_config_file: '/dev/null',
  })
  const sorted = (text: string): string[] => text.trimEnd().split('\n').toSorted()

  test('is refused, trusted, and reached from then on', async () => {
    desk.write('ch-obolo.yml', JSON.stringify({ fleet: { hosts: [{ real: dataOf('known_hosts') }] } }))
    const echo = (): Promise<Ended> => desk.chaos(['exec', '--fleet', '--', 'echo', 'here'])
    const refused = await echo()
    expect(refused, refused.stderr).toMatchObject({ code: 1 })
    expect(refused.stderr).toContain('chaos trust real')
    const trusted = await desk.chaos(['trust', 'real', '-y'])
    expect(trusted).toMatchObject({ code: 0, stderr: '' })
    expect(sorted(textOf('known_hosts'))).toEqual(sorted(readFileSync(sshd.knownHosts, 'utf8')))
    expect(await echo()).toMatchObject({ code: 0, stdout: expect.stringContaining('here') })
  })

  test('behind a bastion is asked through it, when the bastion is trusted', async () => {
    // The machine's own loopback, seen from the machine.
    const inner = '@ssh/bastion/@ssh/inner'
    desk.write('ch-obolo.yml', JSON.stringify({ fleet: { hosts: [{ bastion: dataOf('of-bastion') }, { [inner]: dataOf('of-inner') }] } }))
    const early = await desk.chaos(['trust', inner, '-y'])
    expect(early.code).toBe(1)
    expect(early.stderr).toMatch(/The host key of .*bastion is not known/)
    expect(textOf('of-inner')).toBe('')
    const both = await desk.chaos(['trust', 'bastion', inner, '-y'])
    expect(both).toMatchObject({ code: 0, stderr: '' })
    expect(textOf('of-inner')).toBe(textOf('of-bastion'))
  })

  test('that shows another key than the one that was trusted is refused', async () => {
    desk.write('ch-obolo.yml', JSON.stringify({ fleet: { hosts: [{ real: dataOf('known_hosts') }] } }))
    const before = readFileSync(sshd.knownHosts, 'utf8')
    desk.write('known_hosts', before)
    await sshd.changeHostKeys()
    const { code, stdout, stderr } = await desk.chaos(['trust', 'real', '-y'])
    expect(code).toBe(1)
    expect(stdout.match(/✖ .*  not the one that is trusted/g)).toHaveLength(2)
    expect(stderr).toContain('has changed')
    expect(stderr).toContain(`ssh-keygen -R '[${sshd.host}]:${sshd.port}'`)
    expect(textOf('known_hosts')).toBe(before)
  })
})

function hasSsh(): boolean {
  const { dependencies } = JSON.parse(readFileSync(path.join(import.meta.dirname, '../package.json'), 'utf8')) as { dependencies: Record<string, string> }
  return Object.hasOwn(dependencies, '@chaos/connector-ssh')
}
