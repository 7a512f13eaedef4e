import { readFileSync } from 'node:fs'
import path from 'node:path'
import { ChaosError, revealSecret, secret, validateNow } from '@chaos/core'
import type { ProviderContext } from '@chaos/core'
import { explainSuite, providerSuite } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { config } from '../src/config.ts'
import explain from '../src/explain.ts'
import provider from '../src/index.ts'
import { mustFail } from './must-fail.ts'
import { stub } from './stub.ts'

const op = stub()
const { context } = op
beforeAll(() => {
  vi.stubEnv('PATH', `${op.bin}:${process.env['PATH']}`)
})
afterAll(() => {
  vi.unstubAllEnvs()
  op.remove()
})

op.holds('op://Servers/db/password', 'CaNaRy ☃\n of two lines\n')
op.prints('vault-list', '[{"id":"v1","name":"Servers","content_version":3}]')
providerSuite({ name: 'op', provider, config: {}, existing: { reference: 'Servers/db/password', value: 'CaNaRy ☃\n of two lines\n' }, missing: 'Servers/none/password', describe, it })
explainSuite({ name: 'provider-onepassword', explain, describe, it })

const read = async (reference: string, given = context()) => revealSecret(await provider.read(reference, given))

describe('op', () => {
  it.each([
    ['You are not currently signed in. Please run `op signin --help` for instructions', 'OP_SIGNED_OUT'],
    ['account is not signed in', 'OP_SIGNED_OUT'],
    ['No accounts configured for use with 1Password CLI.', 'OP_SIGNED_OUT'],
    ['error initializing client: authorization prompt dismissed, please try again', 'OP_NOT_ALLOWED'],
    [`could not read secret 'op://V/I/F': could not get item V/I: "V" isn't a vault in this account. Specify the vault with its ID or name.`, 'OP_VAULT_MISSING'],
    [`could not read secret 'op://V/permission/F': could not get item V/permission: "permission" isn't an item in the "V" vault. Specify the item with its UUID, name, or domain.`, 'OP_ITEM_MISSING'],
    [`could not read secret 'op://V/I/F': item 'V/I' does not have a field 'F'`, 'OP_FIELD_MISSING'],
    ['More than one item matches "I". Try again and specify the item by its ID:', 'OP_AMBIGUOUS'],
    ['(403) Forbidden: You aren\'t authorized to perform this action.', 'OP_NO_ACCESS'],
    ["(429) Too Many Requests: You've reached the maximum number of this type of requests", 'OP_RATE_LIMIT'],
    ["could not read secret 'op://V/I/F': invalid character in secret reference: '('", 'OP_REFERENCE'],
    ['CaNaRy', 'OP_FAILED'],
  ])('that says %s fails without its words', async (words, code) => {
    op.refuses(`${words} CaNaRy`)
    try {
      await mustFail(provider.read('V/I/F', context()), { code, message: expect.stringMatching(/^op:\/\/V\/I\/F: /), hint: expect.stringMatching(/\.$|VAULT$/) })
      expect(await provider.status?.(context())).toMatchObject({ ready: false, text: expect.not.stringContaining('CaNaRy') })
    } finally {
      op.refuses(undefined)
    }
  })

  it('that prints nothing, bytes, or more than any secret has is an error', async () => {
    op.holds('op://V/I/empty', '')
    await mustFail(provider.read('V/I/empty', context()), { code: 'OP_EMPTY', message: 'op://V/I/empty is empty.' })
    op.holds('op://V/I/bytes', Buffer.concat([Buffer.from('CaNaRy'), Buffer.from([255])]))
    await mustFail(provider.read('V/I/bytes', context()), { code: 'OP_OUTPUT', message: 'op printed bytes that are no text for op://V/I/bytes.' })
    op.holds('op://V/I/much', 'CaNaRy'.repeat(200_000))
    const bounded: ProviderContext = { ...context(), run: async (argv, options) => {
      const { stdout, ...ended } = await context().run(argv, options)
      return { ...ended, stdout: Buffer.from(stdout, 'base64').subarray(0, options?.maxOutput).toString('base64') }
    } }
    await mustFail(provider.read('V/I/much', bounded), { code: 'OP_OUTPUT', message: 'op printed more than 1024 KB for op://V/I/much.' })
  })

  it('that is missing or hangs is told, and has the time that the config gives it', async () => {
    const failing = (code: string): ProviderContext => ({ ...context(), run: () => Promise.reject(new ChaosError(code, { message: 'The program op …' })) })
    await mustFail(provider.read('V/I/F', failing('PROGRAM_MISSING')), { code: 'OP_MISSING', hint: expect.stringContaining('Install the command line of 1Password') })
    expect(await provider.status?.(failing('PROGRAM_MISSING'))).toMatchObject({ ready: false, text: expect.stringContaining('The program op is not there.') })
    await mustFail(provider.read('V/I/F', failing('PROGRAM_TIMEOUT')), { code: 'PROGRAM_TIMEOUT' })
    const seen: unknown[] = []
    const watched = (given: ProviderContext): ProviderContext => ({ ...given, run: (argv, options) => (seen.push(options?.timeout), given.run(argv, options)) })
    await read('Servers/db/password', watched(context()))
    await read('Servers/db/password', watched(context({ timeout: 300 })))
    expect(seen).toEqual([60, 300])
  })
})

describe('writing', () => {
  it('gives the item over stdin and its field as the reference, and never twice', async () => {
    op.prints('item-list', '[{"id":"i1","title":"there","vault":{"id":"v1","name":"Servers"}}]')
    op.prints('item-create', '{"id":"i2","title":"age key","category":"SECURE_NOTE"}')
    const given = context({ vault: 'Servers' })
    expect(await provider.write?.('age key', secret('CaNaRy\n'), given)).toBe('op://Servers/i2/notesPlain')
    expect(op.created()).toEqual({ title: 'age key', category: 'SECURE_NOTE', fields: [{ id: 'notesPlain', type: 'STRING', purpose: 'NOTES', label: 'notesPlain', value: 'CaNaRy\n' }] })
    expect(op.calls().slice(-2)).toEqual(['item list --vault Servers --format json', 'item create --vault Servers --format json -'])
    expect(await provider.write?.('token', secret('CaNaRy'), context({ vault: 'Servers', field: 'token' }))).toBe('op://Servers/i2/token')
    expect(op.created()).toMatchObject({ fields: [{ type: 'CONCEALED', label: 'token', value: 'CaNaRy' }] })

    const before = op.calls().length
    await mustFail(provider.write?.('there', secret('CaNaRy'), given), { code: 'OP_EXISTS', message: 'The vault Servers has an item there already; nothing was written.' })
    expect(op.calls()).toHaveLength(before + 1)
    await mustFail(provider.write?.('new', secret(''), given), { code: 'OP_EMPTY' })
    await mustFail(provider.write?.(' ', secret('CaNaRy'), given), { code: 'OP_TITLE' })
    await mustFail(provider.write?.('new', secret('CaNaRy'), context()), { code: 'OP_VAULT' })
    expect(op.calls()).toHaveLength(before + 1)
    op.prints('item-list', 'CaNaRy')
    await mustFail(provider.write?.('new', secret('CaNaRy'), given), { code: 'OP_OUTPUT', message: 'op item list printed something else than what it should.' })
  })
})

describe('the configuration', () => {
  it('takes what works, and nothing else', () => {
    const good = [{}, { account: 'example.1password.com', vault: 'My Servers', field: 'password', timeout: 5 }]
    const bad = [{ account: '' }, { vault: 'a/b' }, { vault: '--help' }, { field: 'a?b' }, { timeout: 0 }, { token: 'x' }]
    const accepts = (value: unknown) => 'value' in validateNow(config, value)
    expect([good.map(accepts), bad.map(accepts)]).toEqual([good.map(() => true), bad.map(() => false)])
  })

  it('has its keys in the README', () => {
    const readme = readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8')
    expect(Object.keys(config.shape).filter((key) => !readme.includes(`| \`${key}\` |`))).toEqual([])
  })
})
