import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pluginContext, providerSuite } from '@chaos/testkit'
import provider from '../src/index.js'

const folder = mkdtempSync(join(tmpdir(), 'PLUGIN_NAME-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'secrets.json')
writeFileSync(file, JSON.stringify({ 'app.token': 'a value that is nowhere else' }), { mode: 0o600 })

providerSuite({ name: 'PLUGIN_NAME', provider, config: { file }, existing: { reference: 'app.token', value: 'a value that is nowhere else' }, missing: 'nowhere', describe, it })

it('reads no file that others can read', async () => {
  chmodSync(file, 0o644)
  await assert.rejects(provider.read('app.token', { ...pluginContext(), config: { file } }), { code: 'SECRETS_OPEN' })
  chmodSync(file, 0o600)
})
