import { validateNow } from '@chaos/core'
import type { Schema } from '@chaos/core'
import { draw, explainSuite, fakeHost } from '@chaos/testkit'
import { describe, expect, it, test } from 'vitest'
import explain from '../src/explain.ts'
import role from '../src/index.ts'
import { keys } from '../src/keys.ts'
import { leavingOf } from '../src/leaving.ts'
import { neededBy } from '../src/needed.ts'
import { shellPackages } from '../src/shells.ts'

explainSuite({ name: 'packages', explain, describe, it })

function read(key: keyof typeof keys, value: unknown): unknown {
  const result = validateNow(keys[key] as Schema, value)
  if (result.issues) throw new Error(result.issues.map(({ message }) => message).join('; '))
  return result.value
}

test('the keys of an existing Ch-obolo are taken as they are', () => {
  expect(read('packages', ['git', 'neovim'])).toMatchObject({ list: [{ name: 'git', state: 'present' }, { name: 'neovim', state: 'present' }], exclusive: false })
  expect(['baseOverride', 'aurHelpers', 'aurPackages'].map((key) => read(key as keyof typeof keys, key === 'aurHelpers' ? ['yay', 'paru'] : ['google-chrome']))).toEqual([['google-chrome'], ['yay', 'paru'], ['google-chrome']])
  expect(read('packages', undefined)).toBeUndefined()
})

test('a list and a map with the same list say the same', () => {
  expect(read('packages', { list: ['git=1:2.39'] })).toEqual(read('packages', ['git=1:2.39']))
})

test.each([
  [['-rf'], 'starts with -, as an option does'],
  [['a b'], 'is no name of a package'],
  [['a\nb'], 'is no name of a package'],
  [[''], 'is no name of a package'],
  [['a=1=2'], 'holds more than one ='],
  [[{ name: 'a', version: 1.1 }], 'write it in quotes'],
  [[{ name: 'a', version: '1', state: 'latest' }], 'a version makes sense for a package that is present'],
  [[{ name: 'a', debian: 'b' }], 'Unrecognized key'],
  [{ list: [], exclusiv: true }, 'Unrecognized key'],
  [{ list: [], cache_time: 0 }, 'at least 60 seconds'],
  [{ list: [], upgrade: 'dist' }, 'upgrade is true, false or full'],
])('what cannot be meant is refused: %j', (value, message) => {
  expect(() => read('packages', value)).toThrow(message)
})

test('names of the AUR are no options either', () => {
  expect(() => read('aurPackages', ['--overwrite'])).toThrow('this is no name of a package')
})

test('shells of users are packages, as far as shells are packages', () => {
  const users = [{ name: 'a', shell: 'zsh' }, { name: 'b', shell: '/usr/bin/fish' }, { name: 'c', shell: '/usr/sbin/nologin' }, { name: 'd', shell: '/opt/zsh' }, { name: 'e', shell: '/bin/sh' }, { name: 'f' }, { name: 'g', shell: 'mksh', state: 'absent' }, 'nonsense', null]
  expect(shellPackages(users)).toEqual(['zsh', 'fish'])
  expect(shellPackages({ list: users, exclusive: true })).toEqual(['zsh', 'fish'])
  expect([undefined, null, 'x', { list: 5 }].flatMap(shellPackages)).toEqual([])
})

const inventoryOf = (explicit: readonly string[], along: readonly string[] = []) => ({
  packages: new Map([...explicit, ...along].map((name) => [name, { name, version: '1', explicit: explicit.includes(name), held: false }])),
  provided: new Map(),
  interrupted: false,
})

describe('what is needed by what stays', () => {
  const needs = (by: string, ...anyOf: string[]) => ({ by, anyOf })

  test('is kept, through what came along with it', () => {
    const found = neededBy(new Set(['library', 'tool']), inventoryOf(['app', 'library', 'tool'], ['middle']), [needs('app', 'middle'), needs('middle', 'library')])
    expect([...found]).toEqual([['library', 'middle']])
  })

  test('goes where another one is enough, and stays where all that are enough would go', () => {
    const inventory = inventoryOf(['app', 'one', 'two'])
    expect([...neededBy(new Set(['one']), inventory, [needs('app', 'one', 'two')]).keys()]).toEqual([])
    expect([...neededBy(new Set(['one', 'two']), inventory, [needs('app', 'one', 'two')]).keys()]).toEqual(['one', 'two'])
  })

  test('does not count what only it brought along', () => {
    expect([...neededBy(new Set(['app']), inventoryOf(['app'], ['data']), [needs('app', 'data'), needs('data', 'app')]).keys()]).toEqual([])
  })

  test('counts what came as a recommendation, but a recommendation itself keeps nothing', () => {
    const inventory = inventoryOf(['app', 'library'], ['nice'])
    const requirements = [{ ...needs('app', 'nice'), soft: true }, needs('nice', 'library')]
    expect([...neededBy(new Set(['library']), inventory, requirements).keys()]).toEqual(['library'])
    expect([...neededBy(new Set(['library']), inventoryOf(['app', 'library']), [{ ...needs('app', 'library'), soft: true }]).keys()]).toEqual([])
  })

  test('keeps in turn what it needs itself', () => {
    expect([...neededBy(new Set(['a', 'b']), inventoryOf(['app', 'a', 'b']), [needs('app', 'a'), needs('a', 'b')])]).toEqual([['a', 'app'], ['b', 'a']])
  })
})

test('without exclusive only what the role installed goes, and with it neither what is protected nor what no repository has', () => {
  const inventory = inventoryOf(['mine', 'theirs', 'sshd', 'built-here'])
  const found = {
    declared: new Set<string>(), inventory, requirements: [], state: { items: { 'package:mine': true, 'package:gone': true } },
    protects: (_: string, name: string) => (name === 'sshd' ? 'machines are reached through it' : undefined),
  }
  expect(leavingOf({ ...found, exclusive: false })).toEqual({ remove: ['mine'], forget: ['gone'], kept: [] })
  expect(leavingOf({ ...found, exclusive: true, foreign: new Set(['built-here']) })).toEqual({ remove: ['mine', 'theirs'], forget: ['gone'], kept: [] })
})

describe('on Arch', () => {
  const os = { id: 'arch', packageManagers: ['pacman'], user: 'ana', uid: 1000, groups: ['ana'], home: '/home/ana' }
  const arch = (explicit: readonly string[], state: Record<string, unknown> = {}) =>
    fakeHost({
      os, role: 'packages', state: { packages: state },
      facts: [
        { fact: 'pacman.inventory', answer: () => ({ ...inventoryOf(explicit), conflicts: new Map() }) },
        { fact: 'pacman.requirements', answer: () => [] },
        { fact: 'pacman.index', answer: () => ({ age: 60 }) },
        { fact: 'pacman.offer', answer: (name: string) => (name.startsWith('foreign') ? undefined : '1') },
        { fact: 'pacman.aurPlace', answer: () => ({ uid: 1000, user: 'ana', program: '/usr/bin/paru', unattended: true }) },
      ],
    })

  test('packages of the AUR are built by the first helper as the login user, and remembered by themselves', async () => {
    const { operations, delta } = await draw(role, arch(['git']), { packages: ['git', { name: 'httpd', apt: 'apache2' }], aurHelpers: ['paru', 'yay'], aurPackages: ['chrome'] })
    expect(operations.map(({ definition, args, options }) => [definition.name, args, options])).toEqual([
      ['server.packages', { packages: [{ name: 'git', state: 'present' }, { name: 'httpd', state: 'present' }], update: false, cacheTime: 3600 }, { root: true, remember: [{ id: 'package:httpd', value: true }] }],
      ['pacman.aurPackages', { packages: ['chrome'], helper: 'paru', present: true }, { remember: [{ id: 'aur:chrome', value: true }] }],
    ])
    expect(delta).toEqual({ add: ['httpd', 'chrome'], change: [], remove: [], kept: [] })
  })

  test('an emptied list of the AUR takes away what the role itself built, and a key that is absent nothing', async () => {
    const built = { 'aur:chrome': true }
    const { operations } = await draw(role, arch(['chrome', 'foreign-by-hand', 'paru'], built), { aurHelpers: ['paru'], aurPackages: [] })
    expect(operations.map(({ args, options }) => [args, options])).toEqual([[{ packages: ['chrome'], helper: 'paru', present: false }, { forget: ['aur:chrome'] }]])
    expect((await draw(role, arch(['chrome'], built), { aurHelpers: ['paru'] })).operations).toEqual([])
  })

  test('exclusive leaves helpers, what is declared of the AUR, what stays anyway, and what no repository has', async () => {
    const host = arch(['git', 'paru', 'chrome', 'vim', 'foreign-by-hand', 'openssh', 'extra'])
    const { delta } = await draw(role, host, { packages: { list: ['git'], exclusive: true }, aurHelpers: ['paru'], aurPackages: ['chrome'], baseOverride: ['vim'] })
    expect(delta).toMatchObject({ add: [], change: [], remove: ['extra'] })
  })

  test('repositories of apt are an error that says so', async () => {
    await expect(draw(role, arch(['git']), { packages: { list: [], repositories: [{ name: 'x', uris: 'file:/x', suites: './' }] } })).rejects.toMatchObject({ code: 'REPOSITORIES_WITHOUT_APT' })
  })
})

test('the keys have a JSON Schema, for editors', () => {
  for (const schema of Object.values(keys)) expect(schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' })).toHaveProperty('description')
})
