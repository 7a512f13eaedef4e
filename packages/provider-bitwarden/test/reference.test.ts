import path from 'node:path'
import { revealSecret } from '@chaos/core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import provider from '../src/index.ts'
import { mustFail } from './must-fail.ts'
import { item, stub } from './stub.ts'

const bw = stub()
const { context, vault } = bw
beforeAll(() => {
  vi.stubEnv('PATH', `${path.join(bw.folder, 'bin')}:${process.env['PATH']}`)
})
afterAll(() => {
  vi.unstubAllEnvs()
  bw.remove()
})

const read = async (reference: string, given = context()) => revealSecret(await provider.read(reference, given))

describe('a reference', () => {
  it('whose name holds slashes is an item, or one with its field', async () => {
    vault(item('1', 'a/b/c'), item('2', 'x', { fields: [{ name: 'y/z', value: 'of a field', type: 1 }, { name: 'username', value: 'hidden', type: 0 }] }))
    expect([await read('a/b/c'), await read('a/b/c/username'), await read('x/y/z'), await read('x/username'), await read('2')]).toEqual(['of 1', 'CaNaRy', 'of a field', 'CaNaRy', 'of 2'])
  })

  it('that could be two things is an error with their ids', async () => {
    vault(item('1', 'same'), item('2', 'same'), item('3', 'db'), item('4', 'db/username'))
    await mustFail(provider.read('same', context()), { code: 'BW_AMBIGUOUS', message: 'same could be 2 things in the vault.', hint: 'Name one by its id: 1, 2' })
    await mustFail(provider.read('db/username', context()), { code: 'BW_AMBIGUOUS', hint: 'Name one by its id: 4, 3/username' })
    expect(await read('3/username')).toBe('CaNaRy')
  })

  it('to nothing says what was perhaps meant', async () => {
    vault(item('1', 'database'), item('2', 'mail', { type: 3 }))
    await mustFail(provider.read('databse', context()), { code: 'BW_ITEM_MISSING', message: 'The vault has no item databse that you may see.', hint: 'Did you mean database? If not: bw sync fetches what is new.' })
    await mustFail(provider.read('databse/username', context()), { code: 'BW_ITEM_MISSING', hint: 'Did you mean database/username? If not: bw sync fetches what is new.' })
    await mustFail(provider.read('--help', context()), { code: 'BW_ITEM_MISSING', hint: expect.stringContaining('bw list items --search WORD') })
    await mustFail(provider.read('database/usernme', context()), { code: 'BW_FIELD_MISSING', message: 'The item database has no usernme.', hint: 'Did you mean database/username?' })
    await mustFail(provider.read('database/other', context()), { code: 'BW_FIELD_MISSING', hint: 'It has: username, password. bw sync fetches what is new.' })
    await mustFail(provider.read('mail', context()), { code: 'BW_FIELD_MISSING', message: 'The item mail is neither a login, a note nor an SSH key: which of its fields is meant?' })
  })

  it('to an empty password is an error, and none to an empty secret', async () => {
    vault(item('1', 'web', { login: { username: 'CaNaRy', password: '' } }), item('2', 'none', { login: { username: 'CaNaRy', password: null } }))
    await mustFail(provider.read('web', context()), { code: 'BW_EMPTY', message: 'The password of the item web is empty.' })
    await mustFail(provider.read('none', context()), { code: 'BW_FIELD_MISSING', message: 'The item none has no password.' })
  })

  it('to an SSH key is its private half', async () => {
    vault(item('1', 'key', { type: 5, login: undefined, sshKey: { privateKey: 'private', publicKey: 'public', keyFingerprint: 'x' } }))
    expect([await read('key'), await read('key/public_key')]).toEqual(['private', 'public'])
  })
})
