import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inspectSops, newIdentity } from '@chaos/sops'
import { buildIfStale, makeDesk } from '../command-line.ts'
import type { Desk, Ended } from '../command-line.ts'
import { openTerminal } from '../terminal.ts'
import { addVault } from './support.ts'
import type { Vault } from './support.ts'

let desk: Desk
let vault: Vault
let other: string
beforeAll(() => buildIfStale(), 120_000)
beforeEach(async () => {
  desk = makeDesk()
  vault = await addVault(desk, 'a: hunter2\n')
  other = (await newIdentity()).recipient
})
afterEach(() => desk.remove())

const secrets = (...args: string[]): Promise<Ended> => desk.chaos(['secrets', ...args])
const config = (): string => readFileSync(path.join(desk.folder, 'sops-config.yml'), 'utf8')
const recipients = (): string[] => inspectSops(readFileSync(vault.file, 'utf8'), { file: vault.file }).groups.flat().map(({ id }) => id)

describe('recipients', () => {
  it('are listed, of all kinds or one', async () => {
    expect((await secrets('list')).stdout).toBe(`age  ${vault.recipient}\n`)
    expect((await secrets('list', 'age', '-v')).stdout).toBe(`${vault.recipient}\n`)
    expect(JSON.parse((await secrets('list', '-j')).stdout)).toEqual([{ kind: 'age', id: vault.recipient }])
    expect((await secrets('list', 'pgp')).stdout).toBe('')
    expect((await secrets('list', 'vault')).code).toBe(2)
  })

  it('come and go with -u, in the config and in the file', async () => {
    expect((await secrets('rotate-add', 'age', other, '-u')).code).toBe(0)
    expect(config()).toContain(`          - ${vault.recipient}\n          - ${other}\n`)
    expect(recipients()).toEqual([vault.recipient, other])
    expect((await secrets('rotate-add', 'age', other)).stderr).toContain('there already')
    expect(await secrets('rotate-rm', 'age', other, '-u')).toMatchObject({ code: 0, stderr: expect.stringContaining('change the secrets themselves') })
    expect([config().includes(other), recipients()]).toEqual([false, [vault.recipient]])
    expect((await secrets('print')).stdout).toBe('a: hunter2\n')
  })

  it('change in the config alone where nobody is asked, and in the file where somebody says yes', async () => {
    expect((await secrets('rotate-add', 'age', other)).stderr).toContain('Next: chaos secrets update')
    expect(recipients()).toEqual([vault.recipient])
    const terminal = openTerminal(desk, ['secrets', 'rotate-rm', 'age', other])
    await terminal.shows(/Encrypt .*secrets\.yml for them now/)
    terminal.type('y')
    expect(await terminal.ended).toBe(0)
  })

  it('become a key group of their own with -cr, which must be opened too', async () => {
    expect((await secrets('rotate-add', 'age', other, '-cr', '-u')).code).toBe(0)
    expect(await secrets('print')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('2 of its 2 key groups') })
  })

  it('are refused where they are none, or the last one would go', async () => {
    const before = config()
    expect((await secrets('rotate-add', 'age', 'age1nobody')).code).toBe(2)
    expect((await secrets('rotate-add', 'pgp', 'ana@example.net')).code).toBe(2)
    expect(await secrets('rotate-rm', 'age', vault.recipient)).toMatchObject({ code: 2, stderr: expect.stringContaining('last key') })
    expect((await secrets('rotate-add', 'age', other, '-i', '7')).code).toBe(2)
    expect(config()).toBe(before)
  })
})
