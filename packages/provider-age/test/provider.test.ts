import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { isChaosError, revealSecret, validateNow } from '@chaos/core'
import type { ProviderContext } from '@chaos/core'
import { encryptSops, newIdentity } from '@chaos/sops'
import { explainSuite, pluginContext, providerSuite } from '@chaos/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { config } from '../src/config.ts'
import explain from '../src/explain.ts'
import provider from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'chaos-provider-age-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { identity, recipient } = await newIdentity()
const identities = join(folder, 'keys.txt')
writeFileSync(identities, revealSecret(identity))
const file = join(folder, 'secrets.yml')
const groups = [[{ kind: 'age', id: recipient }]]
writeFileSync(file, await encryptSops('app:\n  password: CaNaRy ☃\n  ports: [80, 443]\n  name_unencrypted: web\n', { file, groups }))

const context = (given: Record<string, string>): ProviderContext => ({ ...pluginContext(), config: { identities, ...given } })
const read = async (reference: string, given: ProviderContext = context({ file })) => revealSecret(await provider.read(reference, given))

async function mustFail(reference: string, code: string, given = context({ file })) {
  const error: unknown = await provider.read(reference, given).catch((cause: unknown) => cause)
  expect(isChaosError(error) && error.code).toBe(code)
  expect(inspect(error, { depth: 9 })).not.toMatch(/CaNaRy|AGE-SECRET-KEY/)
}

providerSuite({ name: 'age', provider, config: { file, identities }, existing: { reference: 'app.password', value: 'CaNaRy ☃' }, missing: 'app.nothing', describe, it })
explainSuite({ name: 'provider-age', explain, describe, it })

describe('a file of sops', () => {
  it('gives items of lists, numbers as texts, and what stands in clear', async () => {
    expect([await read('app.ports[1]'), await read('app.name_unencrypted')]).toEqual(['443', 'web'])
  })

  it('is decrypted once for all references of a run', async () => {
    const given = context({ file: join(folder, 'once.yml') })
    writeFileSync(join(folder, 'once.yml'), await encryptSops('a: one\nb: two\n', { file: 'once.yml', groups }))
    expect(await read('a', given)).toBe('one')
    rmSync(join(folder, 'once.yml'))
    expect(await read('b', given)).toBe('two')
  })

  it('that lacks the key, has more there than a value, is not there, or is for others is told, and nothing is shown', async () => {
    await mustFail('app.password.deeper', 'AGE_MISSING')
    await mustFail('app', 'AGE_NO_VALUE')
    await mustFail('a', 'AGE_MISSING', context({ file: join(folder, 'nowhere.yml') }))
    const other = join(folder, 'other.txt')
    writeFileSync(other, revealSecret((await newIdentity()).identity))
    await mustFail('app.password', 'SOPS_NO_KEY', context({ file, identities: other }))
    await mustFail('app.password', 'SOPS_IDENTITY', context({ file, identities: join(folder, 'no-keys.txt') }))
  })
})

describe('its config', () => {
  it('names either a file or a folder', () => {
    for (const given of [{}, { file: 'a', folder: 'b' }]) expect(validateNow(config, given).issues?.[0]?.message).toBe('give either file or folder')
    expect(validateNow(config, { folder: 'b' }).issues).toBeUndefined()
  })
})

const noAge = spawnSync('age', ['--version']).error ? ' (needs age)' : ''
describe.skipIf(noAge)(`files of the program age${noAge}`, () => {
  const vault = join(folder, 'vault')
  const age = (name: string, input: string, ...more: string[]): void => {
    mkdirSync(join(vault, 'db'), { recursive: true })
    const { status, stderr } = spawnSync('age', ['-r', recipient, ...more, '-o', join(vault, name)], { input })
    expect(status, stderr.toString()).toBe(0)
  }
  const given = context({ folder: vault })

  it('are read whole, armored or not, without the last line end', async () => {
    age('db/password.age', 'CaNaRy ☃\nof two lines\n')
    age('armored.age', 'CaNaRy', '--armor')
    expect([await read('db/password', given), await read('armored', given)]).toEqual(['CaNaRy ☃\nof two lines', 'CaNaRy'])
  })

  it('that are damaged, hold no text, or lie elsewhere are told', async () => {
    age('good.age', 'CaNaRy')
    writeFileSync(join(vault, 'cut.age'), 'age-encryption.org/v1\n-> X25519')
    age('bytes.age', '')
    spawnSync('age', ['-r', recipient, '-o', join(vault, 'bytes.age')], { input: Buffer.from([0xff, 0xfe]) })
    await mustFail('cut', 'SOPS_NO_KEY', given)
    await mustFail('bytes', 'SOPS_TEXT', given)
    await mustFail('nothing', 'AGE_MISSING', given)
    for (const reference of ['../secrets', '/etc/passwd', 'db/../../x', 'nul\0']) await mustFail(reference, 'AGE_REFERENCE', given)
  })
})
