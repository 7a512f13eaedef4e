import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { inspect } from 'node:util'
import { isChaosError, revealSecret, secret, validateNow } from '@chaos/core'
import type { ProviderContext } from '@chaos/core'
import { explainSuite, gpgHome, pluginContext, providerSuite } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { config } from '../src/config.ts'
import explain from '../src/explain.ts'
import provider from '../src/index.ts'

import { standIn } from './stand-in.ts'

const CANARY = 'CaNaRy ☃'
const ENTRY = `${CANARY}\nuser: ana\nUser:  Bob \r\nurl: https://example.net:8443/x\nempty:\nnote: |\n  CaNaRy\nlist:\n  - CaNaRy\n`

const context = (timeout?: number): ProviderContext => ({ ...pluginContext(), config: timeout === undefined ? {} : { timeout } })
const read = async (reference: string, given = context()) => revealSecret(await provider.read(reference, given))
const write = (name: string, text: string) => provider.write?.(name, secret(text), context())

/** Fails with the code, and shows nothing of what the entry holds. */
async function mustFail(code: string, reference: string) {
  const error: unknown = await provider.read(reference, context()).catch((cause: unknown) => cause)
  expect(isChaosError(error) && error.code).toBe(code)
  expect(inspect(error, { depth: 9 })).not.toContain('CaNaRy')
  return error
}

const READ: [reference: string, value: string][] = [
  ['db/password', CANARY],
  ['db/password#', CANARY],
  ['db/password#user', 'ana'],
  ['db/password#User', 'Bob'],
  ['db/password#url', 'https://example.net:8443/x'],
  ['db/password#*', ENTRY],
  ['odd#name#', CANARY],
]
const REFUSED: [code: string, reference: string][] = [
  ['GOPASS_MISSING', 'odd#name'],
  ['GOPASS_MISSING', 'db'],
  ['GOPASS_FIELD_MISSING', 'db/password#pass'],
  ['GOPASS_MULTILINE', 'db/password#note'],
  ['GOPASS_MULTILINE', 'db/password#list'],
  ['GOPASS_EMPTY', 'db/password#empty'],
  ['GOPASS_EMPTY', 'empty'],
  ['GOPASS_EMPTY', 'empty#*'],
  ['GOPASS_REFERENCE', '../db/password'],
  ['GOPASS_REFERENCE', '--help'],
  ['GOPASS_REFERENCE', 'a\0b'],
  ['GOPASS_REFERENCE', 'db/'],
  ['GOPASS_REFERENCE', ''],
]

const gpg = gpgHome()
const path0 = process.env['PATH'] ?? ''
afterAll(() => {
  gpg.remove()
  vi.unstubAllEnvs()
})

explainSuite({ name: 'provider-gopass', explain, describe, it })

const said = spawnSync('gopass', ['version'], { encoding: 'utf8' })
const needs = /^gopass v1\.5\.\d+\n$/.test(said.stdout ?? '') ? '' : ' (needs the gopass of Debian)'
const noPass = spawnSync('pass', ['version']).error ? ' (needs pass, to make a store)' : ''
describe.skipIf(needs || noPass)(`the gopass of Debian${needs}${noPass}`, () => {
  beforeAll(() => {
    const store = path.join(gpg.folder, 'store')
    vi.stubEnv('PATH', path0)
    vi.stubEnv('GNUPGHOME', gpg.home)
    vi.stubEnv('GPG_TTY', '')
    vi.stubEnv('PASSWORD_STORE_DIR', store)
    for (const user of ['me', 'gone']) gpg.addKey(user)
    const pass = (args: string[], input?: string | Buffer) => spawnSync('pass', args, { input })
    pass(['init', 'me'])
    pass(['init', '-p', 'gone', 'gone'])
    for (const [name, content] of [['db/password', ENTRY], ['odd#name', CANARY], ['empty', ''], ['bytes', Buffer.from('CaNaRy\xFF', 'latin1')], ['gone/a', CANARY]] as const) pass(['insert', '-m', '-f', name], content)
    gpg.loseKey('gone')
  }, 300_000)

  providerSuite({ name: 'the gopass of Debian', provider, existing: { reference: 'db/password', value: CANARY }, missing: 'db/nothing', describe, it })

  it.each([...READ, ['odd#name#*', `${CANARY}\n`]] as typeof READ)('reads %s, all of an entry with one line end', async (reference, value) => {
    expect(await read(reference)).toBe(value)
  })

  it.each([...REFUSED, ['GOPASS_NO_TEXT', 'bytes'], ['GOPASS_FAILED', 'gone/a']])('fails with %s for %s', async (code, reference) => {
    await mustFail(code, reference)
  })

  it('stores nothing, because it would store nothing and say that it did', async () => {
    await expect(write('new', CANARY)).rejects.toMatchObject({ code: 'GOPASS_OTHER' })
    await mustFail('GOPASS_MISSING', 'new')
    expect(await provider.status?.(context())).toEqual({ ready: true, text: expect.stringContaining('nothing can be stored') })
  })
})

describe('gopass as its documentation says', () => {
  const gopass = standIn(path.join(gpg.folder, 'bin'))
  beforeAll(() => {
    vi.stubEnv('PATH', `${gopass.folder}:${path0}`)
    for (const [name, content] of [['db/password', ENTRY], ['odd#name', CANARY], ['empty', ''], ['work/db/password', 'of a mount'], ['locked', 'CaNaRy']] as const) gopass.add(name, content)
  })

  providerSuite({ name: 'gopass', provider, existing: { reference: 'db/password', value: CANARY }, missing: 'db/nothing', writable: 'work/of the suite', describe, it })

  it.each([...READ, ['work/db/password', 'of a mount'], ['odd#name#*', CANARY]])('reads %s', async (reference, value) => {
    expect(await read(reference)).toBe(value)
  })

  it.each([...REFUSED, ['GOPASS_FAILED', 'locked']])('fails with %s for %s', async (code, reference) => {
    await mustFail(code, reference)
  })

  it('is asked for its list and for an entry once in a run, and told what was perhaps meant', async () => {
    const given = context()
    gopass.asked()
    expect([await read('db/password', given), await read('db/password#user', given), await read('work/db/password', given)]).toEqual([CANARY, 'ana', 'of a mount'])
    expect(gopass.asked()).toEqual(['ls --flat', 'show --unsafe --noparsing db/password', 'show --unsafe --noparsing work/db/password'])
    expect(await mustFail('GOPASS_MISSING', 'work/db/pasword')).toMatchObject({ hint: 'Did you mean work/db/password?' })
    expect(await mustFail('GOPASS_MISSING', 'work/db')).toMatchObject({ hint: 'It is a folder: name an entry in it.' })
  })

  it('stores what is not there yet, and gives the reference that all of it is read by', async () => {
    for (const [text, reference] of [['one line', 'w/line'], ['with its end\n', 'w/end#*'], ['of\r\ntwo lines', 'w/more#*']] as const) {
      expect(await write(reference.replace('#*', ''), text)).toBe(reference)
      expect(await read(reference)).toBe(text)
    }
    for (const text of ['other', ENTRY]) await expect(write('db/password', text)).rejects.toMatchObject({ code: 'GOPASS_EXISTS' })
    await expect(write('refused', CANARY)).rejects.toMatchObject({ code: 'GOPASS_NOT_WRITTEN' })
    await expect(write('w/nothing', '')).rejects.toMatchObject({ code: 'GOPASS_EMPTY' })
    expect(gopass.asked().filter((each) => each.startsWith('insert'))).toEqual(['insert w/line', 'insert w/end', 'insert w/more', 'insert refused'])
  })

  it('has a status that opens nothing, also when it or its stores are not there', async () => {
    expect(await provider.status?.(context())).toEqual({ ready: true, text: expect.stringMatching(/^It has \d+ entries in its stores;/) })
    expect(gopass.asked()).toEqual(['ls --flat'])
    const bare = standIn(path.join(gpg.folder, 'bare'))
    vi.stubEnv('PATH', `${bare.folder}:${path0}`)
    expect(await provider.status?.(context())).toEqual({ ready: false, text: 'gopass ended with 6 and listed no entries.' })
    await mustFail('GOPASS_STORE', 'db/password')
    vi.stubEnv('PATH', gpg.home)
    expect(await provider.status?.(context())).toEqual({ ready: false, text: 'The program gopass is not there.' })
    vi.stubEnv('PATH', path0)
  })
})

it('the keys in the README are those of the configuration', () => {
  const readme = readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8')
  expect(Object.keys(config.shape).filter((key) => !readme.includes(`| \`${key}\` |`))).toEqual([])
  expect('value' in validateNow(config, { timeout: 120 })).toBe(true)
  expect([{ timeout: 0 }, { store: 'x' }].filter((bad) => 'value' in validateNow(config, bad))).toEqual([])
})
