import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ChaosError, revealSecret, secret, validateNow } from '@chaos/core'
import type { ProviderContext } from '@chaos/core'
import { explainSuite } from '@chaos/testkit'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { config } from '../src/config.ts'
import explain from '../src/explain.ts'
import provider from '../src/index.ts'
import { mustFail } from './must-fail.ts'
import { item, stub } from './stub.ts'

explainSuite({ name: 'provider-bitwarden', explain, describe, it })

const bw = stub()
const { answers, context, vault } = bw
afterAll(bw.remove)
beforeEach(() => {
  vi.stubEnv('PATH', `${path.join(bw.folder, 'bin')}:${process.env['PATH']}`)
  vi.stubEnv('BW_SESSION', undefined)
})
afterEach(() => vi.unstubAllEnvs())

const ORGANIZATION = 'aaaaaaaa-0000-4000-8000-000000000001'
const read = async (reference: string, given = context()) => revealSecret(await provider.read(reference, given))

describe('bw', () => {
  it('that fails, hangs, prints rubbish or is not there is told with what to do', async () => {
    answers('list', { code: 1, stderr: 'CaNaRy broke' })
    await mustFail(provider.read('x', context()), { code: 'BW_FAILED', message: 'bw list items ended with 1.' })
    for (const stdout of ['CaNaRy', '{"CaNaRy":1}', '[{"id":"CaNaRy"}]', '']) {
      answers('list', { stdout })
      await mustFail(provider.read('x', context()), { code: 'BW_OUTPUT', message: 'bw list items printed something else than what it should.' })
      answers('status', { stdout })
      expect(await provider.status?.(context())).toEqual({ ready: false, text: 'bw status printed something else than what it should.' })
    }
    const failing = (code: string): ProviderContext => ({ ...context(), run: () => Promise.reject(new ChaosError(code, { message: 'The program bw …' })) })
    await mustFail(provider.read('x', failing('PROGRAM_TIMEOUT')), { code: 'PROGRAM_TIMEOUT' })
    await mustFail(provider.read('x', failing('PROGRAM_MISSING')), { code: 'BW_MISSING', hint: 'Install the command line of Bitwarden: npm install --global @bitwarden/cli' })
    expect(await provider.status?.(failing('PROGRAM_MISSING'))).toMatchObject({ ready: false, text: expect.stringContaining('The program bw is not there.') })
  })

  it('gets its session from the environment or a file, and never in its arguments', async () => {
    vault(item('1', 'web'))
    const file = path.join(bw.folder, 'session')
    writeFileSync(file, 'b2Ygb25l\n', { mode: 0o600 })
    const before = bw.calls().length
    await read('web', context({ session_file: file }))
    vi.stubEnv('BW_SESSION', 'b2YgZW52')
    await read('web')
    expect(bw.calls().slice(before)).toEqual(['list items --nointeraction --raw|b2Ygb25l|', 'list items --nointeraction --raw|b2YgZW52|'])

    answers('list', { code: 1, stderr: 'Vault is locked.' })
    await mustFail(provider.read('web', context()), { code: 'BW_LOCKED', message: 'The vault is locked: BW_SESSION is of another session.' })
    const refusal = async () => provider.read('web', context({ session_file: file }))
    writeFileSync(file, ' \n')
    await mustFail(refusal(), { code: 'BW_SESSION_FILE', message: `The session cannot be read from ${file}: it holds no session.` })
    chmodSync(file, 0o644)
    await mustFail(refusal(), { code: 'BW_SESSION_FILE', message: `The session cannot be read from ${file}: others may read or change it.`, hint: `(umask 077; bw unlock --raw > ${file})` })
    await mustFail(provider.read('web', context({ session_file: `${file}.none` })), { code: 'BW_SESSION_FILE', message: `The session cannot be read from ${file}.none: it is not there.` })
  })

  it('has the time that the config gives it', async () => {
    vault(item('1', 'web'))
    const seen: unknown[] = []
    const watched = (given: ProviderContext): ProviderContext => ({ ...given, run: (argv, options) => (seen.push(options?.timeout), given.run(argv, options)) })
    await read('web', watched(context()))
    await read('web', watched(context({ timeout: 300 })))
    expect(seen).toEqual([60, 300])
  })
})

describe('writing', () => {
  it('gives the value over stdin, and is refused before bw starts where it cannot go well', async () => {
    vault(item('1', 'there'))
    answers('sync', { stdout: 'Syncing complete.' })
    answers('create', { stdout: JSON.stringify(item('9', 'new', { type: 2, login: undefined, notes: 'CaNaRy' })) })
    const before = bw.calls().length
    await mustFail(provider.write?.('new', secret(''), context()), { code: 'BW_EMPTY' })
    await mustFail(provider.write?.(' ', secret('CaNaRy'), context()), { code: 'BW_NAME' })
    await mustFail(provider.write?.('new', secret('CaNaRy'), context({ organization_id: ORGANIZATION })), { code: 'BW_COLLECTION' })
    expect(bw.calls()).toHaveLength(before)
    await mustFail(provider.write?.('there', secret('CaNaRy'), context()), { code: 'BW_EXISTS' })

    const given = context()
    expect(await provider.write?.('new', secret('CaNaRy'), given)).toBe('9')
    expect(await read('9', given)).toBe('CaNaRy')
    const [argv, , stdin = ''] = bw.calls().at(-1)?.split('|') ?? []
    expect([argv, JSON.parse(Buffer.from(stdin, 'base64').toString())]).toEqual([
      'create item --nointeraction --raw',
      { type: 2, name: 'new', notes: 'CaNaRy', secureNote: { type: 0 }, favorite: false, reprompt: 0 },
    ])
  })
})

describe('the configuration', () => {
  it('takes what works, and nothing else', () => {
    const [organization_id, collection_id] = [ORGANIZATION, ORGANIZATION]
    const good = [{}, { organization_id }, { organization_id, collection_id }, { session_file: '~/x', timeout: 5 }]
    const bad = [{ collection_id }, { organization_id: 'Org' }, { session_file: '' }, { timeout: 0 }, { session: 'x' }]
    const accepts = (value: unknown) => 'value' in validateNow(config, value)
    expect([good.map(accepts), bad.map(accepts)]).toEqual([good.map(() => true), bad.map(() => false)])
  })

  it('has its keys in the README', () => {
    const readme = readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8')
    expect(Object.keys(config.shape).filter((key) => !readme.includes(`| \`${key}\` |`))).toEqual([])
  })
})
