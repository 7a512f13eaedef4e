import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildPackages, makeDesk } from '../../cli/test/command-line.ts'
import type { Desk } from '../../cli/test/command-line.ts'
import { openTerminal } from '../../cli/test/terminal.ts'
import type { Terminal } from '../../cli/test/terminal.ts'

const PROGRAM = path.join(import.meta.dirname, '../bin/create-chaos-plugin.js')
const DOWN = '\u001b[B'
const ENTER = '\r'
const CTRL_C = '\u0003'

describe('npm create chaos-plugin, at a terminal', () => {
  let desk: Desk
  let terminal: Terminal
  let before: string[]

  beforeAll(() => buildPackages(['create-chaos-plugin']), 300_000)
  beforeEach(() => {
    desk = makeDesk()
    before = readdirSync(desk.folder)
  })
  afterEach(() => {
    terminal.kill()
    desk.remove()
  })

  const create = (...args: string[]): Terminal => (terminal = openTerminal(desk, args, {}, PROGRAM))
  const made = (): string[] => readdirSync(desk.folder).filter((name) => !before.includes(name))
  const manifest = (folder: string): unknown => JSON.parse(readFileSync(path.join(desk.folder, folder, 'package.json'), 'utf8'))

  it('asks for the kind and the name, and writes what was answered', async () => {
    create()
    await terminal.shows('What does it do?')
    await terminal.shows(/● role .*reads keys of a Ch-obolo/)
    terminal.type(DOWN)
    await terminal.shows(/● connector/)
    terminal.type(DOWN)
    await terminal.shows(/● provider/)
    terminal.type(ENTER)
    await terminal.shows('What is it called?')
    terminal.type('@acme/my-vault')
    await terminal.shows('@acme/my-vault')
    terminal.type(ENTER)
    expect(await terminal.ended).toBe(0)
    await terminal.shows('✔ @acme/chaos-provider-my-vault is in chaos-provider-my-vault')
    expect(made()).toEqual(['chaos-provider-my-vault'])
    expect(manifest('chaos-provider-my-vault')).toMatchObject({ name: '@acme/chaos-provider-my-vault' })
  })

  it('says what is wrong with a name, and asks again', async () => {
    create('--kind', 'role')
    await terminal.shows('What is it called?')
    terminal.type(`Motd${ENTER}`)
    await terminal.shows('lower-case letters, digits and hyphens')
    expect(made()).toEqual([])
    terminal.type(`${'\u007f'.repeat(4)}motd`)
    await terminal.shows(/ motd/)
    terminal.type(ENTER)
    expect(await terminal.ended).toBe(0)
    expect(made()).toEqual(['chaos-role-motd'])
  })

  it('asks only for what was not said', async () => {
    create('motd')
    await terminal.shows('What does it do?')
    terminal.type(ENTER)
    expect(await terminal.ended).toBe(0)
    expect(terminal.raw()).not.toContain('What is it called?')
    expect(made()).toEqual(['chaos-role-motd'])
  })

  it('asks nothing where the name of the package says it all', async () => {
    create('chaos-boat-motd')
    expect(await terminal.ended).toBe(0)
    expect(terminal.raw()).not.toMatch(/What (does|is) it/)
    expect(existsSync(path.join(desk.folder, 'chaos-boat-motd/src/index.ts'))).toBe(true)
  })

  it.each([['at the kind', [], 'What does it do?'], ['at the name', ['--kind', 'role'], 'What is it called?']] as const)('leaves nothing after Ctrl-C %s', async (_where, args, question) => {
    create(...args)
    await terminal.shows(question)
    terminal.type(CTRL_C)
    expect(await terminal.ended).toBe(130)
    expect(made()).toEqual([])
  })
})
