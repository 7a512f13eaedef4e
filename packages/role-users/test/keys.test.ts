import { readFileSync } from 'node:fs'
import { validateNow } from '@chaos/core'
import { explainSuite } from '@chaos/testkit'
import { describe, expect, it, test } from 'vitest'
import { fragmentOf } from '../../chobolo/src/index.ts'
import explain from '../src/explain.ts'
import { keys } from '../src/index.ts'
import { formerPath, sudoName, sudoRule } from '../src/sudo.ts'
import { KEY } from './support.ts'

explainSuite({ name: 'users', explain, describe, it })

const problems = (key: keyof typeof keys, value: unknown): string =>
  (validateNow(keys[key] as never, value).issues ?? []).flatMap((issue) => [issue.message, JSON.stringify((issue as { errors?: unknown }).errors ?? '')]).join('; ')

test.each([
  [[{ name: 'ana', shell: 'zsh', home: '/home/ana', groups: ['wheel'], sudo: true }]],
  [{ list: [{ name: 'ana' }], exclusive: true }],
  [[{ name: 'ana', uid: 1500, group: 1500, comment: 'Ana', system: true, keys: [KEY.laptop], exclusive_keys: true, sudo: { commands: ['/bin/id'] }, remove_home: true }]],
  [[{ name: 'ana', state: 'absent', remove_home: true }]],
  [[]],
  [undefined],
])('users may be written so: %j', (value) => {
  expect(problems('users', value)).toBe('')
})

test.each([
  [[{}], 'a name is a text'],
  [[{ name: '-r' }], 'no name of a user'],
  [[{ name: 'ana' }, { name: 'ana' }], 'stands in the list twice'],
  [[{ name: 'ana', state: 'absent', shell: 'sh' }], 'needs no shell'],
  [[{ name: 'ana', groups: null }], 'leave the key out'],
  [[{ name: 'ana', groups: 'wheel' }], 'groups are a list'],
  [[{ name: 'ana', password: 'tide' }], 'a password never stands in a Ch-obolo'],
  [[{ name: 'ana', keys: ['ssh-ed25519 AAAA'] }], 'not whole'],
  [[{ name: 'ana', keys: ['-----BEGIN OPENSSH PRIVATE KEY-----'] }], 'private key'],
  [[{ name: 'ana', exclusive_keys: true }], 'exclusive_keys needs keys'],
  [[{ name: 'ana', shell: 'a:b' }], 'a shell is a name'],
  [[{ name: 'ana', home: 'ana' }], 'absolute path'],
  [[{ name: 'ana', sudo: 'x\nroot ALL=(ALL) ALL' }], 'one line'],
  [[{ name: 'ana', sudo: { command: ['/bin/id'] } }], 'Unrecognized key'],
  [[{ name: 'ana', shel: 'zsh' }], 'Unrecognized key'],
  [{ list: [], exclusiv: true }, 'Unrecognized key'],
])('and not so, in words: %j', (value, message) => {
  expect(problems('users', value)).toContain(message)
})

test('groups are names or maps, each once', () => {
  expect(problems('groups', ['a', { name: 'b', gid: 5, system: true }, { name: 'c', state: 'absent' }])).toBe('')
  expect(problems('groups', ['a', { name: 'a' }])).toContain('twice')
  expect(problems('groups', [{ name: 'a', state: 'absent', gid: 5 }])).toContain('needs neither')
})

test('a name with a dot gets a file that sudo reads, and no two names share one', () => {
  const names = ['ana', 'a.b', 'a_b', 'a-b', 'ab', 'a..b']
  expect(names.map(sudoName)).toEqual(['chaos-ana', 'chaos-a+b', 'chaos-a_b', 'chaos-a-b', 'chaos-ab', 'chaos-a++b'])
  expect(formerPath('ana')).toBe('/etc/sudoers.d/99-charonte-ana')
  expect([true, false, undefined, 'ALL=ALL', 'ana ALL=ALL'].map((sudo) => sudoRule({ name: 'ana', sudo }))).toEqual([{ user: 'ana' }, undefined, undefined, { content: 'ana ALL=ALL\n' }, { content: 'ana ALL=ALL\n' }])
})

test('the table of the README names each key, and its example is valid', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const rows = readme.split('\n').filter((line) => line.startsWith('| `')).flatMap((line) => (line.split('|')[1] ?? '').match(/\w+/g) ?? [])
  expect(rows.toSorted()).toEqual(['comment', 'exclusive_keys', 'group', 'groups', 'home', 'keys', 'name', 'password', 'remove_home', 'shell', 'state', 'sudo', 'system', 'uid'])
  const key = /ssh-ed25519 \S+ ana@laptop/.exec(readme)?.[0]
  expect(problems('users', [{ name: 'ana', keys: [key] }])).toBe('')
})

test('the template of a Ch-obolo shows each key, and is valid', () => {
  const fragment = fragmentOf(keys)
  expect(Object.keys(fragment)).toEqual(['hostname', 'groups', 'users'])
  expect(Object.entries(fragment).map(([key, value]) => problems(key as keyof typeof keys, value))).toEqual(['', '', ''])
})
