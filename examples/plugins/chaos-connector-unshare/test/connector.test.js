import { describe, it } from 'node:test'
import local from '@chaos/connector-local'
import { connectorRunSuite, connectorSuite, layerConnector, pluginContext } from '@chaos/testkit'
import unshare from 'chaos-connector-unshare'
import { makeRoot, missing } from './root.js'

const machine = await local.open({ host: '@local', argument: '', data: {}, below: [] }, pluginContext())

const open = (connector, base, argument) =>
  connector.open({ host: `@test/${argument}`, argument, data: {}, below: [] }, { ...pluginContext(), base })

describe('@unshare', { skip: missing() }, () => {
  const root = makeRoot()

  connectorSuite({ name: '@unshare', open: () => open(unshare, machine, root), terminal: true, describe, it })

  connectorSuite({ name: 'stacked on another', open: async () => open(unshare, await open(layerConnector, machine, 'below'), root), describe, it })

  connectorSuite({
    name: 'another stacked on it',
    async open() {
      const below = await open(unshare, machine, root)
      return { ...(await open(layerConnector, below, 'above')), close: below.close }
    },
    describe,
    it,
  })

  connectorRunSuite({ name: '@unshare', host: () => ({ name: `@unshare${root}` }), connectors: { unshare, local }, describe, it })
})
