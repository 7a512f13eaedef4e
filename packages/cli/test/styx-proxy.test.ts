import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildIfStale, makeDesk } from './command-line.ts'
import type { Desk, Ended } from './command-line.ts'

let desk: Desk
const servers: Server[] = []

beforeAll(() => buildIfStale(), 300_000)
beforeEach(() => {
  desk = makeDesk()
})
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
  desk.remove()
})

async function listen(server: Server): Promise<number> {
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

const REGISTRY = `styx: { motd: { name: chaos-role-motd, version: 1.0.0, hash: sha512-${'A'.repeat(86)}== } }\n`
const VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']
const list = (url: string, env: Record<string, string>): Promise<Ended> => desk.chaos(['styx', 'list', '--registry', url], { env: { ...Object.fromEntries(VARIABLES.map((name) => [name, ''])), ...env } })

describe('a registry behind a proxy', () => {
  /** Tunnels every CONNECT to one port, whatever was asked for, and remembers what was. */
  async function proxyTo(port: number, refuse = false): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = []
    const server = createServer()
    server.on('connect', (request, socket) => {
      asked.push(request.url ?? '')
      if (refuse) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      const onward = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
      socket.pipe(onward).pipe(socket)
      for (const [one, other] of [[socket, onward], [onward, socket]] as const) one.on('error', () => other.destroy())
    })
    return { url: `http://127.0.0.1:${await listen(server)}`, asked }
  }
  const noOpenssl = spawnSync('openssl', ['version']).status !== 0

  it.skipIf(noOpenssl)('is read through HTTPS_PROXY, by a name that only the proxy knows (needs openssl)', async () => {
    const [key, cert] = [path.join(desk.folder, 'key.pem'), path.join(desk.folder, 'cert.pem')]
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert, '-subj', '/CN=styx.invalid', '-addext', 'subjectAltName=DNS:styx.invalid'], { stdio: 'ignore' })
    const proxy = await proxyTo(await listen(createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => response.end(REGISTRY))))
    const { code, stdout, stderr } = await list('https://styx.invalid/registry.yml', { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: cert })
    expect([code, stderr, stdout]).toEqual([0, '', expect.stringMatching(/^motd 1\.0\.0/)])
    expect(proxy.asked).toEqual(['styx.invalid:443'])
  })

  it('is read through HTTP_PROXY, or past it as NO_PROXY says', async () => {
    const port = await listen(createServer((_, response) => response.end(REGISTRY)))
    const proxy = await proxyTo(port)
    expect(await list(`http://127.0.0.1:${port}/registry.yml`, { HTTP_PROXY: proxy.url })).toMatchObject({ code: 0, stdout: expect.stringMatching(/^motd/) as string })
    expect(await list(`http://127.0.0.1:${port}/registry.yml`, { http_proxy: proxy.url, NO_PROXY: '127.0.0.1' })).toMatchObject({ code: 0, stdout: expect.stringMatching(/^motd/) as string })
    expect(proxy.asked).toEqual([`127.0.0.1:${port}`])
  })

  it('is not read when the proxy refuses, which is said without the password of the proxy', async () => {
    const proxy = await proxyTo(1, true)
    const { code, stderr } = await list('https://styx.invalid/registry.yml', { HTTPS_PROXY: proxy.url.replace('//', '//ana:CaNaRy@') })
    expect([code, stderr]).toEqual([1, expect.stringContaining('https://styx.invalid/registry.yml could not be read')])
    expect(stderr).toContain('403')
    expect(stderr).not.toContain('CaNaRy')
  })
})
