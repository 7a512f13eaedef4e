import { secret } from '@chaos/core'
import { explainSuite, providerSuite } from '@chaos/testkit'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import explain from '../src/explain.ts'
import provider from '../src/index.ts'
import { makeReading } from './reading.ts'

const { vault, context, read, mustFail, remove, tokenFile } = await makeReading()
afterAll(remove)
beforeEach(() => void vault.asked.splice(0))

vault.put('secret/app/db', { password: 'CaNaRy-old' }, null, { password: 'CaNaRy ☃\nof two lines', port: 5432, on: true })
vault.put('secret/gone', { password: 'CaNaRy' }, null)
vault.put('secret/odd', { map: { inside: 'CaNaRy' }, list: [1], nothing: null, text: '"12" and 1.50' })
vault.put('team/new/one two/ä', { only: 'CaNaRy' })
vault.first['team/old/app'] = '{"id":12345678901234567890,"ratio":1.50,"password":"CaNaRy"}'

const suite = { existing: { reference: 'secret/app/db#password', value: 'CaNaRy ☃\nof two lines' }, missing: 'secret/nowhere#password', writable: 'secret/made/here#password' }
providerSuite({ name: 'vault', provider, config: { address: vault.address, token_file: tokenFile }, ...suite, describe, it })
explainSuite({ name: 'provider-vault', explain, describe, it })

describe('a reference', () => {
  it('names a field, or nothing where there is one only, or an older version, or all as JSON', async () => {
    expect(await read('team/new/one two/ä')).toBe('CaNaRy')
    expect(await read('secret/app/db?version=1#password')).toBe('CaNaRy-old')
    expect(JSON.parse(await read('secret/app/db#*'))).toEqual({ password: 'CaNaRy ☃\nof two lines', port: 5432, on: true })
  })

  it('gives numbers and switches as they were written', async () => {
    expect(await Promise.all(['secret/app/db#port', 'secret/app/db#on', 'team/old/app#id', 'team/old/app#ratio', 'secret/odd#text'].map((each) => read(each)))).toEqual(['5432', 'true', '12345678901234567890', '1.50', '"12" and 1.50'])
    await mustFail('team/old/app#*', 'VAULT_NO_TEXT', /round/)
  })

  it.each(['secret', 'secret/', '/secret/a', 'a//b', 'a/../b', 'a/./b', 'a/b#', 'a/b?version=0#c', 'a/b?x=1#c', 'a/b?version=1?version=2', 'a/b\n#c', ''])('%j names nothing, and nobody is asked', async (reference) => {
    await mustFail(reference, 'VAULT_REFERENCE')
    expect(vault.asked).toEqual([])
  })

  it('to a field that is not there, or to one of several, is told with the names of the fields', async () => {
    await mustFail('secret/app/db#pasword', 'VAULT_FIELD', /Did you mean password\? It has password, port, on/)
    await mustFail('secret/app/db', 'VAULT_FIELD', /more than one field: password, port, on/)
    await mustFail('secret/app/db#constructor', 'VAULT_FIELD')
  })

  it('to a map, a list or nothing is refused by its name', async () => {
    for (const [name, kind] of [['map', 'a map'], ['list', 'a list'], ['nothing', 'nothing']] as const) await mustFail(`secret/odd#${name}`, 'VAULT_NO_TEXT', new RegExp(`${name} of secret/odd holds ${kind}`))
  })

  it('to what is not there, was deleted or destroyed, or to no KV engine says so', async () => {
    await mustFail('secret/nowhere#a', 'VAULT_MISSING', /no secret secret\/nowhere/)
    await mustFail('secret/data/app/db#password', 'VAULT_MISSING', /Leave out data\/, which only the API has: secret\/app\/db/)
    await mustFail('secret/app/db?version=9#password', 'VAULT_MISSING', /no version 9/)
    await mustFail('secret/app/db?version=2#password', 'VAULT_DELETED', /Version 2 of secret\/app\/db .* deleted on 2022-10-31.*kv undelete -versions=2 -mount=secret app\/db/)
    vault.second['secret/burnt'] = [{ data: null, deletion_time: '', destroyed: true }]
    await mustFail('secret/burnt#a', 'VAULT_DELETED', /Version 1 of secret\/burnt in Vault was destroyed/)
    await mustFail('pki/cert#a', 'VAULT_NOT_KV', /pki, not kv/)
    await mustFail('nowhere/at/all#a', 'VAULT_DENIED', /no engine is there/)
    await mustFail('team/old/app?version=1#password', 'VAULT_REFERENCE', /keeps no versions/)
  })
})

describe('a run', () => {
  it('asks for each engine and each path once, however many fields are wanted at a time', async () => {
    const one = context()
    await Promise.all(['secret/app/db#password', 'secret/app/db#port', 'secret/odd#text', 'team/old/app#password', 'team/new/one two/ä', 'secret/app/db#on'].map((each) => read(each, one)))
    expect(vault.asked.toSorted()).toEqual([
      'GET secret/data/app/db', 'GET secret/data/odd', 'GET sys/internal/ui/mounts/secret/app/db', 'GET sys/internal/ui/mounts/team/new/one two/ä', 'GET sys/internal/ui/mounts/team/old/app',
      'GET team/new/data/one two/ä', 'GET team/old/app',
    ].toSorted())
  })

  it('does not ask for the engine where the config says its version', async () => {
    expect(await read('team/new/one two/ä', context({ kv_version: 2, mount: 'team/new' }))).toBe('CaNaRy')
    expect(await read('secret/app/db#port', context({ kv_version: 2 }))).toBe('5432')
    expect(vault.asked).toEqual(['GET team/new/data/one two/ä', 'GET secret/data/app/db'])
    await mustFail('secret/app/db#port', 'VAULT_REFERENCE', /team\/new\/NAME/, context({ kv_version: 2, mount: 'team/new' }))
  })
})

describe('writing', () => {
  const write = (reference: string, value: string, given = context()): Promise<string> | undefined => provider.write?.(reference, secret(value), given)

  it('adds a field beside those that are there, and a secret where none is, or was', async () => {
    const given = context()
    expect(await read('secret/odd#text', given)).toBe('"12" and 1.50')
    expect(await write('secret/odd#added', 'CaNaRy', given)).toBe('secret/odd#added')
    expect([await read('secret/odd#added', given), await read('secret/odd#text', given)]).toEqual(['CaNaRy', '"12" and 1.50'])
    await write('secret/gone#password', 'CaNaRy again')
    expect(await read('secret/gone#password')).toBe('CaNaRy again')
  })

  it('never overwrites: not another value, not what somebody else wrote meanwhile, not where no version is kept', async () => {
    await expect(write('secret/app/db#password', 'other')).rejects.toMatchObject({ code: 'VAULT_EXISTS' })
    expect(await write('secret/app/db#password', 'CaNaRy ☃\nof two lines')).toBe('secret/app/db#password')
    expect(vault.second['secret/app/db']).toHaveLength(3)
    vault.instead['secret/data/app/db'] = [(_, response) => {
      response.end(JSON.stringify({ data: { data: { a: 'CaNaRy' }, metadata: { version: 1 } } }))
    }]
    await expect(write('secret/app/db#b', 'x')).rejects.toMatchObject({ code: 'VAULT_CHANGED' })
    await expect(write('team/old/app#new', 'x')).rejects.toMatchObject({ code: 'VAULT_WRITE' })
    for (const reference of ['secret/app/db', 'secret/app/db#*', 'secret/app/db?version=1#a']) await expect(write(reference, 'x')).rejects.toMatchObject({ code: 'VAULT_REFERENCE' })
  })
})
