import { revealSecret } from '@chaos/core'
import type { ProviderContext } from '@chaos/core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import provider from '../src/index.ts'
import { fullReference } from '../src/reference.ts'
import { mustFail } from './must-fail.ts'
import { stub } from './stub.ts'

const op = stub()
const { context } = op
beforeAll(() => {
  vi.stubEnv('PATH', `${op.bin}:${process.env['PATH']}`)
  op.holds('op://Servers/db/password', 'CaNaRy')
})
afterAll(() => {
  vi.unstubAllEnvs()
  op.remove()
})

const read = async (reference: string, given = context()) => revealSecret(await provider.read(reference, given))

describe('a reference', () => {
  it.each([
    ['op://V/I/F', {}, 'op://V/I/F'],
    ['V/I/F', { vault: 'X' }, 'op://V/I/F'],
    ['V/I/S/F', {}, 'op://V/I/S/F'],
    ['V/I', {}, 'op://V/I/notesPlain'],
    ['op://V/I', { vault: 'X', field: 'password' }, 'op://V/I/password'],
    ['I', { vault: 'X' }, 'op://X/I/notesPlain'],
    ['I/F', { vault: 'X' }, 'op://X/I/F'],
    ['V/my item/one-time password?attribute=otp', {}, 'op://V/my item/one-time password?attribute=otp'],
  ])('%s is, with the config %j, %s', (given, settings, full) => {
    expect(fullReference(given, settings)).toBe(full)
  })

  it.each(['I', '', 'V//F', 'V/I/', 'V/I/S/T/F', 'op://V', '--help', 'V/I/F\0'])('%j is none', async (reference) => {
    await mustFail(provider.read(reference, context()), { code: 'OP_REFERENCE' })
  })

  it('that several secrets of a run name is read once, a code each time', async () => {
    op.holds('op://V/I/code?attribute=otp', '123456')
    const given = context({ account: 'example.1password.com' })
    const before = op.calls().length
    await Promise.all([read('Servers/db/password', given), read('op://Servers/db/password', given)])
    await read('V/I/code?attribute=otp', given)
    await read('V/I/code?attribute=otp', given)
    expect(op.calls().slice(before)).toEqual([
      'read --no-newline op://Servers/db/password --account example.1password.com',
      ...Array.from({ length: 2 }, () => 'read --no-newline op://V/I/code?attribute=otp --account example.1password.com'),
    ])
  })

  it('waits until op was allowed once, then four are read at a time', async () => {
    const events: number[] = []
    let running = 0
    const release: (() => void)[] = []
    const given: ProviderContext = {
      ...context(),
      run: async () => {
        events.push(++running)
        await new Promise<void>((resolve) => release.push(resolve))
        running--
        return { code: 0, stdout: Buffer.from('x').toString('base64'), stderr: '' }
      },
    }
    const all = Promise.all(Array.from({ length: 7 }, (_, index) => provider.read(`V/I/${index}`, given)))
    await vi.waitFor(() => expect(events).toEqual([1]), 20_000)
    release.shift()?.()
    await vi.waitFor(() => expect(events).toEqual([1, 1, 2, 3, 4]), 20_000)
    for (let index = 0; index < 6; index++) {
      await vi.waitFor(() => expect(release.length).toBeGreaterThan(0), 20_000)
      release.shift()?.()
    }
    await all
    expect(Math.max(...events)).toBe(4)
  })
})
