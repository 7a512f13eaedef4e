import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { createClient } from '../src/http/client.ts'

test('one connection that is no socket serves any number of requests, and gathers no listeners', async () => {
  const server = createServer((_, answer) => answer.end('{}')).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const dialled: Duplex[] = []
  const client = createClient({
    place: 'an engine',
    dial: async () => {
      const socket = connect(port, '127.0.0.1')
      const stream = Duplex.from({ readable: socket, writable: socket })
      dialled.push(stream)
      return stream
    },
  })
  try {
    const listeners: number[] = []
    for (let turn = 0; turn < 20; turn++) {
      expect(await client.ask({ method: 'GET', path: '/_ping' })).toMatchObject({ status: 200 })
      listeners.push((dialled[0] as Duplex).listenerCount('error'))
    }
    expect(dialled).toHaveLength(1)
    expect(Math.max(...listeners)).toBeLessThanOrEqual(Math.max(...listeners.slice(0, 3)))
  } finally {
    client.close()
    server.close()
  }
})
