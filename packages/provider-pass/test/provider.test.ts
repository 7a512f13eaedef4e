import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import { isChaosError, revealSecret, secret, validateNow } from '@chaos/core'
import type { ProviderContext } from '@chaos/core'
import { explainSuite, gpgHome, pluginContext, providerSuite } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { config } from '../src/config.ts'
import explain from '../src/explain.ts'
import provider from '../src/index.ts'
import { folderOf } from '../src/store.ts'

const CANARY = 'CaNaRy ☃'
const missing = ['pass', 'gpg'].filter((program) => spawnSync(program, ['--version']).error)
const needs = missing.length > 0 ? ` (needs ${missing.join(' and ')})` : ''

const gpg = gpgHome()
afterAll(() => gpg.remove())

explainSuite({ name: 'provider-pass', explain, describe, it })

describe.skipIf(needs)(`entries of pass${needs}`, () => {
  const store = path.join(gpg.folder, 'store')
  const context = (section: unknown = { store }): ProviderContext => ({ ...pluginContext(), config: section })
  const read = async (reference: string, given = context()) => revealSecret(await provider.read(reference, given))
  const pass = (args: string[], input?: string | Buffer) => spawnSync('pass', args, { input, env: { ...process.env, PASSWORD_STORE_DIR: store } })

  /** Fails with the code, and shows nothing of what the entry holds. */
  async function mustFail(code: string, reference: string, given = context()) {
    const error: unknown = await provider.read(reference, given).catch((cause: unknown) => cause)
    expect(isChaosError(error) && error.code).toBe(code)
    expect(inspect(error, { depth: 9 })).not.toContain('CaNaRy')
    return error
  }

  beforeAll(() => {
    vi.stubEnv('GNUPGHOME', gpg.home)
    vi.stubEnv('GPG_TTY', '')
    for (const [user, passphrase] of [['me'], ['locked', 'of a few words'], ['gone']] as const) gpg.addKey(user, passphrase)
    pass(['init', 'me'])
    pass(['init', '-p', 'locked', 'locked'])
    pass(['init', '-p', 'gone', 'gone'])
    const insert = (name: string, content: string | Buffer) => pass(['insert', '-m', '-f', name], content)
    insert('db/password', `${CANARY}\nuser: ana\nUser:  Bob \r\nurl: https://example.net:8443/x\nempty:\nnote: |\n  CaNaRy\nlist:\n  - CaNaRy\n`)
    insert('odd#name', `${CANARY}\n`)
    insert('no/end', CANARY)
    insert('empty', '')
    insert('below', '\nuser: ana\n')
    insert('bytes', Buffer.from('CaNaRy\xFF\n', 'latin1'))
    insert('long', 'CaNaRy'.repeat(200_000))
    insert('locked/a', `${CANARY}\n`)
    insert('gone/a', `${CANARY}\n`)
    writeFileSync(path.join(store, 'rubbish.gpg'), 'CaNaRy')
    gpg.loseKey('gone')
    gpg.lock()
  }, 300_000)
  afterAll(() => void vi.unstubAllEnvs())

  providerSuite({ name: 'pass', provider, config: { store }, existing: { reference: 'db/password', value: CANARY }, missing: 'db/nothing', writable: 'new/of the suite', describe, it })

  describe('a reference', () => {
    it.each([
      ['db/password', CANARY],
      ['db/password#', CANARY],
      ['db/password#user', 'ana'],
      ['db/password#User', 'Bob'],
      ['db/password#url', 'https://example.net:8443/x'],
      ['no/end', CANARY],
      ['no/end#*', CANARY],
      ['odd#name#', CANARY],
      ['odd#name#*', `${CANARY}\n`],
      ['below#user', 'ana'],
    ])('%s is the line, or the entry, that it names', async (reference, value) => {
      expect(await read(reference)).toBe(value)
    })

    it.each([
      ['PASS_MISSING', 'odd#name'],
      ['PASS_MISSING', 'db'],
      ['PASS_MISSING', 'n'.repeat(5000)],
      ['PASS_FIELD_MISSING', 'db/password#pass'],
      ['PASS_MULTILINE', 'db/password#note'],
      ['PASS_MULTILINE', 'db/password#list'],
      ['PASS_EMPTY', 'db/password#empty'],
      ['PASS_EMPTY', 'empty'],
      ['PASS_EMPTY', 'empty#*'],
      ['PASS_EMPTY', 'below'],
      ['PASS_NO_TEXT', 'bytes'],
      ['PASS_NO_TEXT', 'long'],
      ['PASS_FAILED', 'rubbish'],
    ])('is an error, %s, for %s', async (code, reference) => {
      await mustFail(code, reference)
    })

    it.each(['', '#user', '../store/no/end', 'no/../no/end', '..', './no', '/no/end', 'no//end', 'no/', '-c', '--help', 'no\0end', 'no\nend'])('names no entry: %j', async (reference) => {
      await mustFail('PASS_REFERENCE', reference)
    })

    it('that is mistyped is told what was perhaps meant', async () => {
      expect(await mustFail('PASS_MISSING', 'db/pasword')).toMatchObject({ message: `The password store ${store} has no entry db/pasword.`, hint: 'Did you mean db/password?' })
    })
  })

  it('opens an entry once in a run, however many of its lines are asked for', async () => {
    const given = context()
    const seen: unknown[] = []
    const watched: ProviderContext = { ...given, run: async (argv, options) => (seen.push([argv, options?.timeout]), given.run(argv, options)) }
    expect([await read('db/password', watched), await read('db/password#user', watched)]).toEqual([CANARY, 'ana'])
    expect(seen).toEqual([[['pass', 'show', 'db/password'], 60]])
  })

  describe('a key', () => {
    it('that is not here opens nothing, and the error says so', async () => {
      await mustFail('PASS_NO_KEY', 'gone/a')
    })

    it('that is locked is asked for its passphrase, and the error says so when nobody answers', async () => {
      await mustFail('PASS_LOCKED', 'locked/a')
      gpg.answer('of a few words')
      expect(await read('locked/a')).toBe(CANARY)
    })
  })

  describe('writing', () => {
    const write = (name: string, text: string, given = context()) => provider.write?.(name, secret(text), given)

    it.each([
      ['w/line', 'one line', 'w/line'],
      ['w/#1', 'one line', 'w/#1#'],
      ['w/end', 'with its end\n', 'w/end#*'],
      ['w/more', 'of\r\ntwo lines', 'w/more#*'],
    ])('gives the reference that all of it is read by: %s, %j, %s', async (name, text, reference) => {
      // A # in what is written ends its name too.
      expect(await write(name.includes('#') ? `${name}#` : name, text)).toBe(reference)
      expect(await read(reference)).toBe(text)
    })

    it('does not touch what is there, be it the same', async () => {
      for (const text of ['other', CANARY]) await expect(write('no/end', text)).rejects.toMatchObject({ code: 'PASS_EXISTS' })
      expect(await read('no/end')).toBe(CANARY)
    })

    it('is refused for nothing, for no name, and where there is no store', async () => {
      await expect(write('w/nothing', '')).rejects.toMatchObject({ code: 'PASS_EMPTY' })
      await expect(write('../w', 'x')).rejects.toMatchObject({ code: 'PASS_REFERENCE' })
      await expect(write('w', 'x', context({ store: gpg.folder }))).rejects.toMatchObject({ code: 'PASS_STORE' })
    })

    it('that gpg refuses says so', async () => {
      mkdirSync(path.join(store, 'nobody'))
      writeFileSync(path.join(store, 'nobody/.gpg-id'), 'nobody@example.net\n')
      await expect(write('nobody/a', CANARY)).rejects.toMatchObject({ code: 'PASS_NOT_WRITTEN' })
      await mustFail('PASS_MISSING', 'nobody/a')
    })
  })

  describe('the store', () => {
    it('is that of the configuration, else of the environment, else at home', async () => {
      vi.stubEnv('PASSWORD_STORE_DIR', store)
      expect(await read('no/end', context({}))).toBe(CANARY)
      await mustFail('PASS_STORE', 'no/end', context({ store: path.join(gpg.folder, 'nowhere') }))
      vi.stubEnv('PASSWORD_STORE_DIR', '')
      expect(folderOf(undefined)).toBe(path.join(homedir(), '.password-store'))
      expect(folderOf('~/team')).toBe(path.join(homedir(), 'team'))
    })

    it('needs no list of keys to be read, nor to be written where the environment names one', async () => {
      const other = path.join(gpg.folder, 'other')
      mkdirSync(other)
      copyFileSync(path.join(store, 'no/end.gpg'), path.join(other, 'a.gpg'))
      expect(await read('a', context({ store: other }))).toBe(CANARY)
      await mustFail('PASS_STORE', 'b', context({ store: other }))
      vi.stubEnv('PASSWORD_STORE_KEY', 'me')
      expect(await provider.write?.('b', secret(CANARY), context({ store: other }))).toBe('b')
      vi.stubEnv('PASSWORD_STORE_KEY', '')
      expect(await read('b', context({ store: other }))).toBe(CANARY)
    })

    it('has a status that opens nothing, also when it or pass is not there', async () => {
      rmSync(path.join(gpg.folder, 'answer'), { force: true })
      expect(await provider.status?.(context())).toEqual({ ready: true, text: `It reads ${store}; gpg asks for the passphrase if it needs one.` })
      expect(await provider.status?.(context({ store: gpg.folder }))).toMatchObject({ ready: false })
      const before = process.env['PATH']
      try {
        vi.stubEnv('PATH', gpg.folder)
        expect(await provider.status?.(context())).toEqual({ ready: false, text: 'The program pass is not there.' })
      } finally {
        vi.stubEnv('PATH', before)
      }
    })
  })
})

it('the keys in the README are those of the configuration', () => {
  const readme = readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8')
  expect(Object.keys(config.shape).filter((key) => !readme.includes(`| \`${key}\` |`))).toEqual([])
  expect('value' in validateNow(config, { store: '~/x', timeout: 120 })).toBe(true)
  expect([{ store: '' }, { timeout: 0 }, { folder: 'x' }].filter((bad) => 'value' in validateNow(config, bad))).toEqual([])
})
