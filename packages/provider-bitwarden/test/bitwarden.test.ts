import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { revealSecret, secret } from '@chaos/core'
import type { ProviderContext } from '@chaos/core'
import { pluginContext, providerSuite } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import provider from '../src/index.ts'
import { bwProgram } from './program.ts'
import { startBitwarden } from './server/server.ts'
import type { BitwardenServer } from './server/server.ts'

const EMAIL = 'ana@example.org'
const PASSWORD = 'CaNaRy of the vault ☃'
const ORGANIZATION = { id: 'aaaaaaaa-0000-4000-8000-000000000001', collections: [{ id: 'bbbbbbbb-0000-4000-8000-000000000001', name: 'Servers' }] }
const COLLECTION = 'bbbbbbbb-0000-4000-8000-000000000001'
const NOTE = 'cccccccc-0000-4000-8000-000000000001'

// Each start of bw costs half a second, and many times that where the machine has other work.
vi.setConfig({ testTimeout: 240_000 })

const program = await bwProgram()

describe.skipIf(program.missing)(`with bw and a server that speaks as Bitwarden's${program.missing ? ` (${program.missing})` : ''}`, () => {
  const folder = path.join(tmpdir(), `chaos-bitwarden-${randomUUID()}`)
  const session = path.join(folder, 'session')
  let server: BitwardenServer

  beforeAll(async () => {
    mkdirSync(folder, { mode: 0o700 })
    server = await startBitwarden(folder, {
      email: EMAIL,
      password: PASSWORD,
      organization: ORGANIZATION,
      items: [
        {
          type: 1, name: 'db/main', notes: 'of the database',
          login: { username: 'app', password: 'CaNaRy ☃\n"two" lines', totp: 'JBSWY3DPEHPK3PXP', uris: [{ uri: 'https://db.example.org' }] },
          fields: [{ name: 'api/token', value: 'tok', type: 1 }, { name: 'username', value: 'not this', type: 0 }],
        },
        { type: 2, id: NOTE, name: 'age key', notes: '# created: today\nAGE-SECRET-KEY-1\n' },
        { type: 2, name: 'age key', notes: 'another', organizationId: ORGANIZATION.id, collectionIds: [COLLECTION] },
      ],
    })
    vi.stubEnv('PATH', `${program.folder}:${process.env['PATH']}`)
    vi.stubEnv('BITWARDENCLI_APPDATA_DIR', path.join(folder, 'data'))
    vi.stubEnv('NODE_EXTRA_CA_CERTS', server.certificate)
    // bw would ask a proxy for what is on loopback.
    for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'BW_SESSION']) vi.stubEnv(name, undefined)
    const bw = async (args: string[]): Promise<string> => (await promisify(execFile)('bw', args, { env: { ...process.env, PASSWORD } })).stdout
    await bw(['config', 'server', server.url])
    writeFileSync(session, await bw(['login', EMAIL, '--passwordenv', 'PASSWORD', '--raw', '--nointeraction']), { mode: 0o600 })
  }, 300_000)
  afterAll(async () => {
    await server.stop()
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true, force: true })
  })

  const context = (config: object = {}): ProviderContext => ({ ...pluginContext(), config: { session_file: session, ...config } })
  const read = async (reference: string, given: ProviderContext) => revealSecret(await provider.read(reference, given))
  /** As given, and tells what was run. */
  const watched = (given: ProviderContext) => {
    const ran: string[] = []
    return { ran, context: { ...given, run: (argv, options) => (ran.push(argv.join(' ')), given.run(argv, options)) } satisfies ProviderContext }
  }

  providerSuite({
    name: 'bw', provider, config: { session_file: session }, existing: { reference: 'db/main', value: 'CaNaRy ☃\n"two" lines' }, missing: 'nowhere', writable: 'written/by chaos',
    describe, it,
  })

  it('reads every field, of ids and names, with one start of bw', async () => {
    const { ran, context: given } = watched(context())
    const wanted = {
      'db/main': 'CaNaRy ☃\n"two" lines',
      'db/main/password': 'CaNaRy ☃\n"two" lines',
      'db/main/username': 'app',
      'db/main/totp': 'JBSWY3DPEHPK3PXP',
      'db/main/uri': 'https://db.example.org',
      'db/main/notes': 'of the database',
      'db/main/api/token': 'tok',
      [NOTE]: '# created: today\nAGE-SECRET-KEY-1\n',
      [`${NOTE}/notes`]: '# created: today\nAGE-SECRET-KEY-1\n',
    }
    const entries = await Promise.all(Object.keys(wanted).map(async (reference) => [reference, await read(reference, given)]))
    expect(Object.fromEntries(entries)).toEqual(wanted)
    expect(ran).toEqual(['bw list items --nointeraction --raw'])
    await expect(provider.read('age key', given)).rejects.toMatchObject({ code: 'BW_AMBIGUOUS', hint: expect.stringContaining(NOTE) })
  })

  it('keeps to the organization and its collection, also when it writes, and never twice', async () => {
    server.add({ type: 2, name: 'of a colleague', notes: 'theirs', organizationId: ORGANIZATION.id, collectionIds: [COLLECTION] })
    const given = context({ organization_id: ORGANIZATION.id, collection_id: COLLECTION })
    server.requests.length = 0
    const id = await provider.write?.('new/key', secret('CaNaRy\nof an organization\n'), given)
    const creations = () => server.requests.filter((each) => each.startsWith('POST /api/'))
    expect(creations()).toEqual(['POST /api/ciphers/create'])
    // What a colleague made after bw had looked last was fetched on the way.
    expect([await read('age key', given), await read('of a colleague', given), await read('new/key', given)]).toEqual(['another', 'theirs', 'CaNaRy\nof an organization\n'])
    await expect(provider.read('db/main', given)).rejects.toMatchObject({ code: 'BW_ITEM_MISSING' })

    await expect(provider.write?.('of a colleague', secret('mine'), given)).rejects.toMatchObject({ code: 'BW_EXISTS' })
    expect(creations()).toHaveLength(1)
    // Before it refused, it had asked bw anew: so this is what bw has.
    expect(await read(id as string, given)).toBe('CaNaRy\nof an organization\n')
  })

  it('says what to do about a vault that is locked, and where nobody is logged in', async () => {
    const other = path.join(folder, 'other')
    writeFileSync(other, Buffer.alloc(64, 1).toString('base64'), { mode: 0o600 })
    await expect(provider.read('db/main', context({ session_file: other }))).rejects.toMatchObject({ code: 'BW_LOCKED', hint: `(umask 077; bw unlock --raw > ${other})` })
    const own: ProviderContext = { ...pluginContext(), config: {} }
    expect(await provider.status?.(own)).toEqual({ ready: false, text: 'The vault is locked: export BW_SESSION=$(bw unlock --raw)' })
    mkdirSync(path.join(folder, 'empty'))
    vi.stubEnv('BITWARDENCLI_APPDATA_DIR', path.join(folder, 'empty'))
    await expect(provider.read('db/main', own)).rejects.toMatchObject({ code: 'BW_LOGGED_OUT' })
  })
})
