import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { pluginContext, providerSuite } from '@chaos/testkit'
import systemd from 'chaos-provider-systemd'

const folder = mkdtempSync(join(tmpdir(), 'chaos-credentials-'))
writeFileSync(join(folder, 'db-password'), 'CaNaRy with spaces ☃\n', { mode: 0o400 })
process.env.CREDENTIALS_DIRECTORY = folder
after(() => rmSync(folder, { recursive: true }))

providerSuite({ name: 'systemd', provider: systemd, existing: { reference: 'db-password', value: 'CaNaRy with spaces ☃' }, missing: 'nothing', describe, it })

const context = pluginContext()

it('says which credential was perhaps meant', async () => {
  await assert.rejects(systemd.read('db-pasword', context), { code: 'SYSTEMD_CREDENTIAL_MISSING', hint: 'Did you mean db-password?' })
})

it('reads nothing outside its folder', async () => {
  for (const name of ['../passwd', '/etc/passwd', '..', '.']) await assert.rejects(systemd.read(name, context), { code: 'SYSTEMD_CREDENTIAL_MISSING' })
})

it('says what to do where systemd handed nothing over', async () => {
  delete process.env.CREDENTIALS_DIRECTORY
  await assert.rejects(systemd.read('db-password', context), { code: 'SYSTEMD_NO_CREDENTIALS' })
  assert.equal((await systemd.status(context)).ready, false)
  process.env.CREDENTIALS_DIRECTORY = folder
})
