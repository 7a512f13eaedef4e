import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { inspect } from 'node:util'
import { isChaosError, revealSecret, secret, validateNow } from '@chaos/core'
import type { ProviderContext } from '@chaos/core'
import { explainSuite, pluginContext, providerSuite } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { config } from '../src/config.ts'
import explain from '../src/explain.ts'
import provider from '../src/index.ts'
import { partsOf } from '../src/reference.ts'
import { secretService } from './secret-service.ts'

const CANARY = 'CaNaRy ☃\nof two lines\n'
const lacking = ['gnome-keyring-daemon', 'dbus-daemon', 'secret-tool'].filter((program) => spawnSync(program, ['--version']).error)
const needs = lacking.length > 0 ? ` (needs ${lacking.join(' and ')})` : ''

const context = (timeout?: number): ProviderContext => ({ ...pluginContext(), config: timeout === undefined ? {} : { timeout } })
const read = async (reference: string, given = context()) => revealSecret(await provider.read(reference, given))
const write = (reference: string, text: string) => provider.write?.(reference, secret(text), context())

/** Fails with the code, and shows nothing of what the entry holds. */
async function mustFail(code: string, reference: string, given = context()) {
  const error: unknown = await provider.read(reference, given).catch((cause: unknown) => cause)
  expect(isChaosError(error) && error.code).toBe(code)
  expect(inspect(error, { depth: 9 })).not.toContain('CaNaRy')
}

explainSuite({ name: 'provider-keyring', explain, describe, it })

describe('a reference', () => {
  it('is a service and an account, divided by the last slash', () => {
    expect(partsOf('app/password')).toEqual({ service: 'app', account: 'password' })
    expect(partsOf('https://example.net/x/ana')).toEqual({ service: 'https://example.net/x', account: 'ana' })
    expect(partsOf('password')).toEqual({ service: 'chaos', account: 'password' })
  })

  it.each(['', '/', 'app/', '/password', 'a\0b'])('names no entry: %j', async (reference) => {
    await mustFail('KEYRING_REFERENCE', reference)
    await expect(write(reference, 'x')).rejects.toMatchObject({ code: 'KEYRING_REFERENCE' })
  })
})

it('says what to do where there is no keyring', async () => {
  vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', 'unix:path=/nonexistent/bus')
  await mustFail('KEYRING_UNAVAILABLE', 'app/password')
  expect(await provider.status?.(context())).toEqual({ ready: false, text: 'There is no keyring that chaos could use in this session.' })
  vi.unstubAllEnvs()
})

describe.skipIf(needs)(`entries of the Secret Service${needs}`, () => {
  let service: Awaited<ReturnType<typeof secretService>>

  /** What other programs do with the keyring. */
  const store = (input: string, ...attributes: string[]) => spawnSync('secret-tool', ['store', '--label=a test', ...attributes], { input })
  const lookup = (...attributes: string[]) => spawnSync('secret-tool', ['lookup', ...attributes], { encoding: 'utf8' }).stdout
  const bytes = (code: string) => spawnSync(process.execPath, ['-e', `const { Entry } = require('@napi-rs/keyring'); ${code}`], { cwd: path.join(import.meta.dirname, '..') })

  beforeAll(async () => {
    service = await secretService()
    for (const [name, value] of Object.entries(service.env)) vi.stubEnv(name, value)
    store(CANARY, 'service', 'app', 'username', 'password')
    store('CaNaRy', 'service', 'chaos', 'username', 'alone')
    for (const more of ['one', 'two']) store('CaNaRy', 'service', 'app', 'username', 'twice', 'of', more)
    bytes("new Entry('app', 'empty').setPassword(''); new Entry('app', 'bytes').setSecret(Buffer.from('CaNaRy\\xFF', 'latin1'))")
  }, 300_000)
  afterAll(async () => {
    await service.remove()
    vi.unstubAllEnvs()
  })

  providerSuite({ name: 'keyring', provider, existing: { reference: 'app/password', value: CANARY }, missing: 'app/nothing', writable: 'app/of the suite', describe, it })

  it('are those of the service chaos where none is named', async () => {
    expect(await read('alone')).toBe('CaNaRy')
    expect(await write('mine', 'x')).toBe('mine')
    expect(await read('chaos/mine')).toBe('x')
  })

  it.each([['KEYRING_MISSING', 'app/Password'], ['KEYRING_EMPTY', 'app/empty'], ['KEYRING_NO_TEXT', 'app/bytes'], ['KEYRING_AMBIGUOUS', 'app/twice']])('are an error, %s, for %s', async (code, reference) => {
    await mustFail(code, reference)
  })

  it('are not overwritten, be it by the same, and not written empty', async () => {
    for (const text of ['other', CANARY]) await expect(write('app/password', text)).rejects.toMatchObject({ code: 'KEYRING_EXISTS' })
    await expect(write('app/empty', 'x')).rejects.toMatchObject({ code: 'KEYRING_EXISTS' })
    await expect(write('app/new', '')).rejects.toMatchObject({ code: 'KEYRING_EMPTY' })
    expect(await read('app/password')).toBe(CANARY)
  })

  it('are found by other programs when they were written', async () => {
    await write('app/for others', CANARY)
    expect(lookup('service', 'app', 'username', 'for others')).toBe(CANARY)
  })

  it('neither name nor hold anything in arguments', async () => {
    const given = context()
    const seen: unknown[] = []
    await read('app/password', { ...given, run: async (argv, options) => (seen.push(...argv, inspect(options, { depth: 9 })), given.run(argv, options)) })
    expect(seen).toEqual([process.execPath, expect.stringMatching(/bin\/keyring\.js$/), expect.stringContaining('timeout: 75')])
    expect(seen.join(' ')).not.toMatch(/app|password|CaNaRy/)
  })

  describe('that are locked', () => {
    beforeAll(() => service.lock())

    it('are an error when nobody unlocks them, and no status unlocks them', async () => {
      expect(await provider.status?.(context())).toMatchObject({ ready: true })
      await mustFail('KEYRING_LOCKED', 'app/password')
    })

    it('hold up a run no longer than they may', async () => {
      service.beSilent()
      await mustFail('KEYRING_TIMEOUT', 'app/password', context(1))
    })
  })
})

it('the keys in the README are those of the configuration', () => {
  const readme = readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8')
  expect(Object.keys(config.shape).filter((key) => !readme.includes(`| \`${key}\` |`))).toEqual([])
  expect('value' in validateNow(config, { timeout: 120 })).toBe(true)
  expect([{ timeout: 0 }, { service: 'x' }].filter((bad) => 'value' in validateNow(config, bad))).toEqual([])
})
