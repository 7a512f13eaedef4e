import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { secret, validateNow } from '@chaos/core'
import type { ProviderContext } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { config } from '../src/config.ts'
import provider from '../src/index.ts'
import { makeReading } from './reading.ts'

const { vault, folder, context, read, mustFail, remove } = await makeReading()
afterAll(remove)
beforeEach(() => void vault.asked.splice(0))
vault.put('secret/app/db', { port: 5432 })
vault.put('secret/odd', { text: '"12" and 1.50' })

describe('the token', () => {
  it('is that of VAULT_TOKEN, else of vault login; without one it says how to log in', async () => {
    const own = (): ProviderContext => ({ ...pluginContext(), config: { address: vault.address } })
    await mustFail('secret/app/db#port', 'VAULT_NO_TOKEN', /vault login/, own())
    writeFileSync(join(folder, '.vault-token'), vault.token)
    expect(await read('secret/app/db#port', own())).toBe('5432')
    process.env['VAULT_TOKEN'] = 'CaNaRy-other'
    await mustFail('secret/app/db#port', 'VAULT_DENIED', /may have ended/, own())
    process.env['VAULT_TOKEN'] = 'CaNaRy of\ntwo lines'
    await mustFail('secret/app/db#port', 'VAULT_NO_TOKEN', /VAULT_TOKEN holds is no token/, own())
    delete process.env['VAULT_TOKEN']
    await mustFail('secret/app/db#port', 'VAULT_FILE', /it is not there/, context({ token_file: join(folder, 'nowhere') }))
  })

  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), `${text}\n`)
    return join(folder, name)
  }
  it.each([
    ['approle', { method: 'approle', role_id: 'r1', secret_id_file: file('s1', 'CaNaRy-s1') }, 'auth/approle/login', { role_id: 'r1', secret_id: 'CaNaRy-s1' }],
    ['jwt', { method: 'jwt', role: 'ci', token_file: file('jwt', 'CaNaRy.e.y'), mount: 'gitlab' }, 'auth/gitlab/login', { role: 'ci', jwt: 'CaNaRy.e.y' }],
    ['kubernetes', { method: 'kubernetes', role: 'app', token_file: file('sa', 'CaNaRy.s.a') }, 'auth/kubernetes/login', { role: 'app', jwt: 'CaNaRy.s.a' }],
    ['userpass', { method: 'userpass', username: 'ana b', password_file: file('pw', 'CaNaRy-pw') }, 'auth/userpass/login/ana b', { password: 'CaNaRy-pw' }],
  ])('is had by a login with %s, once; one that is refused is told', async (_, auth, path, body) => {
    const given = context({ token_file: undefined, auth })
    await mustFail('secret/app/db#port', 'VAULT_LOGIN', /refuses the login/, context({ token_file: undefined, auth }))
    vault.asked.splice(0)
    vault.logins[path] = body
    expect(await Promise.all([read('secret/app/db#port', given), read('secret/odd#text', given)])).toEqual(['5432', '"12" and 1.50'])
    expect(vault.asked.filter((each) => each.includes('login'))).toEqual([`POST ${path}`])
  })

  it('is had by the role and secret of the environment, and by a password that is asked for', async () => {
    process.env['VAULT_ROLE_ID'] = 'r2'
    vault.logins['auth/approle/login'] = { role_id: 'r2', secret_id: 'CaNaRy-s2' }
    const approle = { token_file: undefined, auth: { method: 'approle' } }
    await mustFail('secret/app/db#port', 'VAULT_NO_TOKEN', /VAULT_SECRET_ID/, context(approle))
    process.env['VAULT_SECRET_ID'] = 'CaNaRy-s2'
    expect(await read('secret/app/db#port', context(approle))).toBe('5432')
    vault.logins['auth/userpass/login/ben'] = { password: 'CaNaRy-asked' }
    const asking = { ...context({ token_file: undefined, auth: { method: 'userpass', username: 'ben' } }), prompt: async () => secret('CaNaRy-asked') }
    expect(await read('secret/app/db#port', asking)).toBe('5432')
  })
})

describe('its config', () => {
  it('is what the README tells, and nothing else', () => {
    const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
    expect(Object.keys(config.shape).filter((key) => !readme.includes(`| \`${key}\` |`))).toEqual([])
    const wrong = { auth: { method: 'ldap' }, kv_version: 3, mount: 'a', tls_skip_verify: true, timeout: 0 }
    for (const [key, value] of Object.entries(wrong)) expect(validateNow(config, { [key]: value }).issues, key).toHaveLength(1)
    expect(validateNow(config, { auth: { method: 'ldap' } }).issues?.[0]?.message).toContain('approle, jwt, kubernetes or userpass')
    expect(validateNow(config, { auth: { method: 'kubernetes', role: 'a' }, token_file: 'b' }).issues?.[0]?.message).toBe('give either auth or token_file')
  })

  it('lacks an address, or has one that is none', async () => {
    await mustFail('secret/app/db#port', 'VAULT_ADDRESS', /VAULT_ADDR/, { ...pluginContext(), config: undefined })
    for (const address of ['vault:8200', 'unix:///run/vault.sock', 'https://me:CaNaRy@vault', 'CaNaRy']) await mustFail('secret/app/db#port', 'VAULT_ADDRESS', /none of http/, context({ address }))
  })

  it('may be left to the variables of Vault, or of OpenBao', async () => {
    process.env['VAULT_ADDR'] = 'http://127.0.0.1:1'
    process.env['BAO_ADDR'] = `${vault.address}/`
    process.env['BAO_TOKEN'] = vault.token
    expect(await read('secret/app/db#port', { ...pluginContext(), config: undefined })).toBe('5432')
    for (const name of ['VAULT_ADDR', 'BAO_ADDR', 'BAO_TOKEN']) delete process.env[name]
  })
})

describe('the status', () => {
  it('tells how long the token lasts, or what is wrong', async () => {
    expect(await provider.status?.(context())).toEqual({ ready: true, text: `Vault at ${vault.address} takes the token, which ends in 2 hours.` })
    expect(await provider.status?.({ ...pluginContext(), config: undefined })).toEqual({ ready: false, text: 'It is not said where Vault is.' })
  })
})
