import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, describe, it } from 'node:test'
import { boatSuite, pluginContext } from '@chaos/testkit'
import prometheus from 'chaos-boat-prometheus'

const ANSWERS = {
  '/targets': [200, [
    { targets: ['web1.example.net:9100', 'web2.example.net:9100'], labels: { job: 'node', site: 'berlin' } },
    { targets: ['web1.example.net:9113'], labels: { job: 'nginx' } },
  ]],
  '/down': [503, []],
  '/page': [200, { targets: 'none' }],
}
const server = createServer((request, response) => {
  const [code, body] = ANSWERS[request.url] ?? [404, '']
  response.writeHead(code).end(JSON.stringify(body))
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
after(() => server.close().closeAllConnections())
const at = (path) => `http://127.0.0.1:${server.address().port}${path}`

boatSuite({ name: 'prometheus', boat: prometheus, config: { url: at('/targets'), groups: ['job'] }, expected: ['web1.example.net', 'web2.example.net'], describe, it })

async function hostsOf(config) {
  const found = []
  for await (const host of prometheus.hosts({ ...pluginContext(), config })) found.push(host)
  return found
}

it('makes groups of labels', async () => {
  const [web1, web2] = await hostsOf({ url: at('/targets'), groups: ['job', 'site'] })
  assert.deepEqual([web1.groups, web2.groups], [['node', 'berlin', 'nginx'], ['node', 'berlin']])
})

for (const [path, why] of [['/down', 'it answered 503'], ['/page', 'no list of targets']]) {
  it(`says where it looked and what was wrong: ${why}`, async () => {
    await assert.rejects(hostsOf({ url: at(path), groups: [] }), ({ code, message }) => code === 'PROMETHEUS_TARGETS' && message.includes(path) && message.includes(why))
  })
}
