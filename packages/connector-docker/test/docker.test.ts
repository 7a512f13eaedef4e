import { connect } from 'node:net'
import { once } from 'node:events'
import type { Connection } from '@chaos/core'
import { connectorSuite, noDocker, pluginContext, startDocker } from '@chaos/testkit'
import type { DockerEngine } from '@chaos/testkit'
import { afterAll, beforeAll, describe, it } from 'vitest'
import docker from '../src/index.ts'

const reason = noDocker()
let engine: DockerEngine

const here: Connection = {
  async dial(to) {
    const socket = connect(to as { path: string })
    await once(socket, 'connect')
    return socket
  },
  spawn: () => Promise.reject(new Error('no shell is needed')),
  close: async () => {},
}

function open(argument: string, data: Record<string, unknown> = {}): Promise<Connection> {
  return docker.open!({ host: `@docker/${argument}`, argument, data: { docker_socket: engine.socket, ...data }, below: [] }, { ...pluginContext(), base: here })
}

describe.skipIf(reason !== undefined)(`@docker${reason === undefined ? '' : ` (${reason})`}`, () => {
  beforeAll(async () => {
    engine = await startDocker()
    await engine.image('busybox')
    await engine.docker('run', '--detach', '--name', 'web', '--network', 'none', 'busybox', 'sleep', '1000')
  })
  afterAll(() => engine?.close())

  connectorSuite({ name: '@docker/CONTAINER', open: () => open('web'), terminal: true, describe, it })
  connectorSuite({
    name: '@docker/IMAGE',
    open: () => open('busybox', { docker_network: 'none', docker_commit: false }),
    terminal: true,
    describe,
    // Each connection has a container of its own, and that of the first one is gone.
    it: (title, body) => (title === 'ends what it started when it is closed' ? it.skip(`${title} (in another container)`, body) : it(title, body)),
  })
})
