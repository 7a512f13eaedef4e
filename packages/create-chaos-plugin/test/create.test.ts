import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main } from '../src/index.ts'
import { namesOf } from '../src/kinds.ts'

let folder = ''
beforeAll(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'chaos-create-')))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the names of a plugin', () => {
  it.each([
    ['motd', 'role', { kind: 'role', package: 'chaos-role-motd', plugin: 'motd' }],
    ['@acme/motd', 'role', { kind: 'role', package: '@acme/chaos-role-motd', plugin: 'motd' }],
    ['chaos-boat-my-cloud', undefined, { kind: 'boat', package: 'chaos-boat-my-cloud', plugin: 'my-cloud' }],
    ['@acme/chaos-provider-vault', 'provider', { kind: 'provider', package: '@acme/chaos-provider-vault', plugin: 'vault' }],
    ['short', 'aliases', { kind: 'aliases', package: 'chaos-plugin-short', plugin: 'short' }],
    ['chaos-plugin-short', 'keys', { kind: 'keys', package: 'chaos-plugin-short', plugin: 'short' }],
  ] as const)('%s as a %s', (given, kind, names) => {
    expect(namesOf(given, kind)).toEqual(names)
  })

  it.each([
    ['motd', undefined, /Which kind/], ['chaos-role-motd', 'boat', /is called a role/], ['Motd', 'role', /lower-case/], ['-motd', 'role', /lower-case/], ['../motd', 'role', /lower-case/],
    ['@Acme/motd', 'role', /no scope of npm/], ['@chaos/motd', 'role', /that of chaos itself/], ['a'.repeat(250), 'role', /too long/], ['', 'role', /lower-case/],
  ] as const)('are refused in a sentence: %s as a %s', (given, kind, sentence) => {
    expect(namesOf(given, kind)).toMatch(sentence)
  })
})

describe('the command', () => {
  it('writes nothing into a folder that holds something, and leaves nothing beside it', async () => {
    const taken = path.join(folder, 'taken')
    mkdirSync(taken)
    writeFileSync(path.join(taken, 'mine'), '')
    expect(await main(['motd', '--kind', 'role', '--directory', taken])).toBe(2)
    expect([readdirSync(taken), readdirSync(folder).filter((name) => name.startsWith('.chaos-plugin-'))]).toEqual([['mine'], []])
  })

  it('takes an empty folder', async () => {
    const empty = path.join(folder, 'empty')
    mkdirSync(empty)
    expect(await main(['motd', '--kind', 'keys', '--directory', empty])).toBe(0)
    expect(JSON.parse(readFileSync(path.join(empty, 'package.json'), 'utf8'))).toMatchObject({ name: 'chaos-plugin-motd' })
  })

  it.each([[['--kind', 'rolle', 'motd']], [['--colour']], [['one', 'two']], [[]]])('refuses %j as wrong usage', async (args) => {
    expect(await main(args)).toBe(2)
  })
})
