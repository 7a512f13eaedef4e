import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import local from '@chaos/connector-local'
import type { Connection, Connector } from '@chaos/core'
import { connectorRunSuite, connectorSuite, layerConnector, pluginContext } from '@chaos/testkit'
import connector from '../src/index.js'

const folder = mkdtempSync(join(tmpdir(), 'PLUGIN_NAME-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const open = async (layer: Connector, argument: string, base?: Connection, data = {}): Promise<Connection> => {
  if (!layer.open) throw new Error('it opens nothing')
  return layer.open({ host: `@test/${argument}`, argument, data, below: [] }, { ...pluginContext(), base: base ?? (undefined as never) })
}
const machine = await open(local, '')

connectorSuite({ name: '@PLUGIN_NAME', open: () => open(connector, folder, machine), terminal: true, describe, it })

connectorSuite({ name: 'stacked on another', open: async () => open(connector, folder, await open(layerConnector, 'below', machine)), describe, it })

connectorRunSuite({ name: '@PLUGIN_NAME', host: () => ({ name: `@PLUGIN_NAME${folder}` }), connectors: { 'PLUGIN_NAME': connector, local }, describe, it })

it('says what is wrong when it cannot enter', async () => {
  await assert.rejects(open(connector, `${folder}/missing`, machine), { code: 'FOLDER_NOT_ENTERED' })
})
