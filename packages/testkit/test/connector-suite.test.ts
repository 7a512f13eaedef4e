import { existsSync } from 'node:fs'
import type { Connector, ConnectorContext } from '@chaos/core'
import { afterAll, describe, it } from 'vitest'
import { connectorRunSuite, connectorSuite, fakeConnector, layerConnector } from '../src/index.ts'

const fake = fakeConnector()
const slow = fakeConnector({ latency: 5 })
afterAll(() => Promise.all([fake.close(), slow.close()]))

const terminal = existsSync('/usr/bin/script')
const target = { host: '@fake/a', argument: 'a', data: {}, below: [] }
const open = (from = fake) => from.connector.open!(target, {} as ConnectorContext)

connectorSuite({ name: '@fake/a', describe, it, terminal, open: () => open() })
connectorSuite({ name: '@fake/a with latency', describe, it, open: () => open(slow) })
connectorSuite({
  name: '@fake/a/@layer/b', describe, it, terminal,
  async open() {
    const base = await open()
    const layer = await layerConnector.open!({ host: '@fake/a/@layer/b', argument: 'b', data: {}, below: [] }, { base } as ConnectorContext)
    return { ...layer, close: (end) => base.close(end) }
  },
})

const local = (await fake.load('connector', 'local')) as Connector
const connectors = { fake: fake.connector, layer: layerConnector, local }
connectorRunSuite({ name: '@fake/a', describe, it, host: () => ({ name: '@fake/a' }), connectors })
connectorRunSuite({ name: '@fake/a/@layer/b', describe, it, host: () => ({ name: '@fake/a/@layer/b' }), connectors })
