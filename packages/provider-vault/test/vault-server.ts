import { createServer as createPlain } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Version {
  data: object | null
  deletion_time: string
  destroyed: boolean
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Speaks as much of Vault's HTTP API as its documentation tells of: the mounts of the UI, KV 1 and 2, logins, lookup-self.
 * Shapes and statuses are those of developer.hashicorp.com/vault/api-docs; that a deleted version comes with 404 and its metadata,
 * and that a mount which is not there is denied, are those of a real server in the issues of Vault (hvac #906, vault #11434).
 */
export async function startVault({ tls }: { tls?: { key: string; cert: string } } = {}) {
  const token = 'hvs.CaNaRy-token'
  const mounts: Record<string, { type: string; options: { version: string } | null }> = {
    'secret/': { type: 'kv', options: { version: '2' } },
    'team/old/': { type: 'kv', options: null },
    'team/new/': { type: 'kv', options: { version: '2' } },
    'pki/': { type: 'pki', options: null },
  }
  const first: Record<string, string> = {}
  const second: Record<string, Version[]> = {}
  /** Each as METHOD and path with query; the headers that chaos sets are checked below. */
  const asked: string[] = []
  /** Answers that stand before all others, by path; each is given once. */
  const instead: Record<string, Handler[]> = {}
  const logins: Record<string, object> = {}

  const reply = (response: ServerResponse, status: number, body?: string | object): void => {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body))
  }
  const errors = (response: ServerResponse, status: number, ...list: string[]): void => reply(response, status, { errors: list })
  const envelope = (data: string): string => `{"request_id":"bf7bb5df-33ae-3c20-3479-93b3c4079fa3","lease_id":"","renewable":false,"lease_duration":0,"data":${data},"wrap_info":null,"warnings":null,"auth":null}`

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url as string, 'http://x')
    const path = decodeURIComponent(url.pathname).replace(/^\/v1\//, '')
    asked.push(`${request.method} ${path}${url.search}`)
    const special = instead[path]?.shift()
    if (special) return special(request, response)
    const body = request.method === 'POST' ? (JSON.parse(await text(request)) as Record<string, unknown>) : {}
    if (request.headers['x-vault-request'] !== 'true') return errors(response, 400, 'missing X-Vault-Request')
    if (/^auth\/.*\/login/.test(path)) {
      if (logins[path] === undefined || JSON.stringify(logins[path]) !== JSON.stringify(body)) return errors(response, 400, 'invalid role or secret ID')
      return reply(response, 200, { request_id: 'a', data: null, auth: { client_token: token, accessor: 'b', token_policies: ['default'], lease_duration: 1200, renewable: true } })
    }
    if (request.headers['x-vault-token'] !== token) return errors(response, 403, 'permission denied')
    if (path === 'auth/token/lookup-self') return reply(response, 200, envelope('{"display_name":"token","id":"hvs.CaNaRy-token","policies":["default"],"ttl":7500}'))
    const preflight = 'sys/internal/ui/mounts/'
    if (path.startsWith(preflight)) {
      const wanted = `${path.slice(preflight.length)}/`
      const [place, mount] = Object.entries(mounts).find(([each]) => wanted.startsWith(each)) ?? []
      if (!mount) return errors(response, 403, `preflight capability check returned 403, please ensure client's policies grant access to path "${wanted}"`)
      return reply(response, 200, envelope(JSON.stringify({ accessor: 'kv_a', config: {}, description: '', path: place, ...mount, uuid: 'c' })))
    }
    const [place = '', mount] = Object.entries(mounts).find(([each]) => path.startsWith(each)) ?? []
    const below = path.slice(place.length)
    if (mount?.options?.version !== '2') return first[path] === undefined ? errors(response, 404) : reply(response, 200, envelope(first[path]))
    const name = `${place}${below.replace(/^data\//, '')}`
    const versions = (second[name] ??= [])
    const metadata = (number: number, { deletion_time, destroyed }: Version): string => JSON.stringify({ created_time: '2022-10-31T00:38:19.232734Z', custom_metadata: null, deletion_time, destroyed, version: number })
    if (!below.startsWith('data/')) return errors(response, 404)
    if (request.method === 'POST') {
      if ((body['options'] as { cas?: number } | undefined)?.cas !== versions.length) return errors(response, 400, 'check-and-set parameter did not match the current version')
      const version: Version = { data: body['data'] as object, deletion_time: '', destroyed: false }
      versions.push(version)
      return reply(response, 200, envelope(metadata(versions.length, version)))
    }
    const number = Number(url.searchParams.get('version')) || versions.length
    const version = versions[number - 1]
    if (!version) return errors(response, 404)
    reply(response, version.data === null ? 404 : 200, envelope(`{"data":${JSON.stringify(version.data)},"metadata":${metadata(number, version)}}`))
  }

  const listener: Handler = (request, response) => void answer(request, response)
  const server = tls ? createTls(tls, listener) : createPlain(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    token,
    address: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    asked,
    instead,
    logins,
    /** KV version 1: the JSON of its fields. */
    first,
    /** KV version 2. */
    second,
    put: (path: string, ...versions: (object | null)[]): void =>
      void (second[path] = versions.map((data) => ({ data, deletion_time: data ? '' : '2022-10-31T00:38:19.6945887Z', destroyed: false }))),
    stop(): void {
      server.close()
      server.closeAllConnections()
    },
  }
}

export type FakeVault = Awaited<ReturnType<typeof startVault>>
