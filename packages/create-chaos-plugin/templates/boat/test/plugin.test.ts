import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { HostReference } from '@chaos/core'
import { boatSuite, pluginContext } from '@chaos/testkit'
import boat from '../src/index.js'

const folder = mkdtempSync(join(tmpdir(), 'PLUGIN_NAME-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'hosts.json')
writeFileSync(file, JSON.stringify({ web1: { ssh_user: 'admin', groups: ['web'] }, db1: {} }))

boatSuite({ name: 'PLUGIN_NAME', boat, config: { file }, expected: ['web1', 'db1'], describe, it })

const hosts = async (config: { file: string }): Promise<HostReference[]> => {
  const found: HostReference[] = []
  for await (const host of boat.hosts({ ...pluginContext(), config })) found.push(host)
  return found
}

it('tells data and groups of a host', async () => {
  assert.deepEqual((await hosts({ file }))[0], { name: 'web1', data: { ssh_user: 'admin' }, groups: ['web'] })
})

it('says what is wrong with an inventory', async () => {
  const broken = join(folder, 'broken.json')
  writeFileSync(broken, '["web1"')
  await assert.rejects(hosts({ file: broken }), { code: 'INVENTORY_INVALID' })
  await assert.rejects(hosts({ file: join(folder, 'missing.json') }), { code: 'INVENTORY_MISSING' })
})
