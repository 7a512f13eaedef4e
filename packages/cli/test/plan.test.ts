import { describe, expect, test } from 'vitest'
import { planLines } from '../src/render/plan.ts'
import { makeStyle } from '../src/render/style.ts'
import { host, operation } from './events.ts'

const view = { style: makeStyle(false), diff: false, verbose: 0 }
const screen = async (plan: Parameters<typeof planLines>[0], given: Partial<typeof view> = {}): Promise<string> =>
  `\n${(await planLines(plan, { ...view, ...given })).join('\n')}\n`

const edited = operation('change', {
  changes: [
    { summary: 'content of /etc/motd', before: { text: 'hello\nold\n' }, after: { text: 'hello\nnew\n' }, removes: false },
    { summary: 'mode 0600 → 0644', before: { text: '0600' }, after: { text: '0644' }, removes: false },
  ],
})

describe('a plan', () => {
  test('folds hosts whose plans are alike, and shows what is unchanged as a number', async () => {
    const created = operation('change', { title: '/srv/app', operation: 'files.directory', changes: [{ summary: 'create /srv/app', before: null, after: { text: 'directory' }, removes: false }] })
    const names = Array.from({ length: 20 }, (_, index) => `web${index + 1}`)
    const hosts = names.map((name) => host(name, [created, edited, operation('same'), operation('same')]))
    expect(await screen({ hosts, changes: { hosts: 20, operations: 40, removals: 0, later: 0 } })).toBe(`
web1, web2, web3 and 17 more · Debian GNU/Linux 12 (bookworm)
  files
    + create /srv/app  files.directory
          + directory
    ~ /etc/motd  files.put
        ~ content of /etc/motd
          @@ -1,2 +1,2 @@
            hello
          - old
          + new
        ~ mode 0600 → 0644
    ✓ 2 already so

Plan: 40 changes on 20 hosts, 40 already so.
`)
  })

  test('marks removals, actions, what is known after apply, who it runs as, and hosts that could not be reached', async () => {
    const removed = operation('change', { title: '/tmp/old', as: { sudo: true }, changes: [{ summary: 'remove /tmp/old', removes: true }] })
    const later = operation('later', { title: 'app.service', operation: 'systemd.service', reason: 'unit app.service is not there yet' })
    const action = operation('action', { title: 'nginx -s reload', operation: 'server.shell', changes: [{ summary: 'nginx -s reload', removes: false }] })
    const access = operation('change', { title: '/etc/ssh/sshd_config', changes: [{ summary: 'port 22 → 2222', removes: false, risk: 'access' }] })
    const down = host('db1', [], { state: 'unreachable', roles: [], error: { code: 'CONNECT_REFUSED', message: 'Cannot reach db1.', hint: 'Is sshd running there?', details: { layer: '@ssh/db1' } } })
    const plan = { hosts: [down, host('@local', [removed, later, action, access])], changes: { hosts: 1, operations: 3, removals: 1, later: 1 } }
    expect(await screen(plan)).toBe(`
this machine · Debian GNU/Linux 12 (bookworm)
  files
    - remove /tmp/old  removes  files.put · as root (sudo)
    ? app.service  systemd.service
        known after apply: unit app.service is not there yet
    ! nginx -s reload  server.shell · always runs
    ~ /etc/ssh/sshd_config: port 22 → 2222  may cut off your own access  files.put

db1 unreachable
  ✖ Cannot reach db1.
    → Is sshd running there?

Plan: 3 changes on this machine, 1 removal, 1 known after apply, 1 host could not be planned.
`)
  })

  test('says what failed a host once, by the role that said it', async () => {
    const error = { code: 'PROTECTED', message: 'The user root is never removed on db1: it is root.' }
    const broken = { host: 'db1', state: 'failed' as const, error, roles: [{ role: 'users', error, operations: [] }] }
    expect(await screen({ hosts: [broken], changes: { hosts: 0, operations: 0, removals: 0, later: 0 } })).toBe(`
db1 could not be planned
  users
    ✖ The user root is never removed on db1: it is root.

Plan: nothing to do elsewhere, 1 host could not be planned.
`)
  })

  test('tells what is kept, and cuts a long list unless -v', async () => {
    const kept = Array.from({ length: 9 }, (_, index) => `lib${index}: apt needs it`)
    const plan = { hosts: [{ ...host('@local', []), roles: [{ role: 'packages', kept, operations: [] }] }], changes: { hosts: 0, operations: 0, removals: 0, later: 0 } }
    expect(await screen(plan)).toContain('    = lib4: apt needs it\n    = 4 more are kept (-v shows them)\n\nPlan: nothing to do.')
    expect(await screen(plan, { verbose: 1 })).toContain('    = lib8: apt needs it\n')
  })

  test('cuts long texts, and shows them whole with --diff', async () => {
    const text = Array.from({ length: 30 }, (_, index) => `line ${index + 1}\n`).join('')
    const created = operation('change', { changes: [{ summary: 'create /etc/motd', before: null, after: { text }, removes: false }] })
    const plan = { hosts: [host('@local', [created])], changes: { hosts: 1, operations: 1, removals: 0, later: 0 } }
    expect(await screen(plan)).toContain('          + line 5\n          … 25 more lines (--diff shows all)\n\nPlan: 1 change on this machine.')
    expect(await screen(plan, { diff: true })).toContain('          + line 30\n')
  })

  test('shows secrets as ***, bytes by their size, and control characters of a host as text', async () => {
    const secret = operation('change', { title: '/etc/key', changes: [{ summary: 'content of /etc/key', before: { secret: true }, after: { secret: true }, removes: false }] })
    const bytes = operation('change', { title: '/srv/logo', changes: [{ summary: 'create /srv/logo', before: null, after: { bytes: 2048, sha256: 'abcdef0123456789' }, removes: false }] })
    const hostile = operation('change', { title: 'a\u001b[2Jb', changes: [{ summary: 'create a\u001b[2Jb\u202e', before: { text: 'x\u001b]0;t\u0007\ny\n' }, after: { text: 'z\r\ny\n' }, removes: false }] })
    const plan = { hosts: [host('@local', [secret, bytes, hostile])], changes: { hosts: 1, operations: 3, removals: 0, later: 0 } }
    const shown = await screen(plan)
    expect(shown).toContain('          - *** (secret)\n          + *** (secret)\n')
    expect(shown).toContain('          + 2.0 KB of data, sha256 abcdef012345…\n')
    expect(shown).toContain('~ create a\\x1b[2Jb\\u{202e}')
    expect(shown).toContain('- x\\x1b]0;t\\x07')
    // oxlint-disable-next-line no-control-regex -- none of them may come through
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  })

  test('shows a new content that cannot be read beside what was there as a change, and as new only where nothing was', async () => {
    const sign = async (change: { before?: null; after: { secret: true } | { bytes: number; sha256: string } }): Promise<string | undefined> => {
      const one = operation('change', { title: '/etc/key', changes: [{ summary: 'the content', removes: false, ...change }] })
      return /^ *(.) .*the content/m.exec(await screen({ hosts: [host('@local', [one])], changes: { hosts: 1, operations: 1, removals: 0, later: 0 } }))?.[1]
    }
    const bytes = { bytes: 2048, sha256: 'abcdef0123456789' }
    expect(await sign({ after: { secret: true } })).toBe('~')
    expect(await sign({ after: bytes })).toBe('~')
    expect(await sign({ before: null, after: { secret: true } })).toBe('+')
    expect(await sign({ before: null, after: bytes })).toBe('+')
  })

  test('says so when there is nothing to do', async () => {
    const plan = { hosts: [host('@local', [operation('same')])], changes: { hosts: 0, operations: 0, removals: 0, later: 0 } }
    expect(await screen(plan)).toBe('\nPlan: nothing to do, 1 already so.\n')
    expect(await screen(plan, { verbose: 1 })).toContain('    ✓ /etc/motd  files.put\n')
  })

  test('has colours only when asked for', async () => {
    const plan = { hosts: [host('@local', [edited])], changes: { hosts: 1, operations: 1, removals: 0, later: 0 } }
    expect(await screen(plan, { style: makeStyle(true) })).toContain('\u001b[32m+ new\u001b[39m')
    expect(await screen(plan)).not.toContain('\u001b')
  })
})
