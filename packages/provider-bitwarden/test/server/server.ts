import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { newAccount } from './account.ts'
import type { Item, Organization } from './account.ts'
import { KDF } from './crypto.ts'

export interface BitwardenServer {
  url: string
  /** The file with the certificate that bw has to trust. */
  certificate: string
  /** "GET /api/sync", in order. */
  requests: string[]
  /** An item that somebody else puts in. */
  add: (item: Item) => void
  stop: () => Promise<void>
}

/** The part of Bitwarden's server that bw talks to, on loopback; bw accepts nothing but https. */
export async function startBitwarden(folder: string, { email, password, organization, items }: { email: string; password: string; organization: Organization; items: readonly Item[] }): Promise<BitwardenServer> {
  const [key, certificate] = [path.join(folder, 'key.pem'), path.join(folder, 'certificate.pem')]
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost']
  execFileSync('openssl', [...request, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', certificate], { stdio: 'ignore' })
  const account = newAccount(email, password, organization)
  const ciphers = items.map(account.sealed)
  const requests: string[] = []
  let revised = Date.now()

  const created = (cipher: Record<string, unknown>, collectionIds: readonly string[]): object => {
    const now = new Date().toISOString()
    const kept = { ...cipher, attachments: null, id: randomUUID(), collectionIds, revisionDate: now, creationDate: now, edit: true, viewPassword: true, organizationUseTotp: true, permissions: { delete: true, restore: true }, object: 'cipherDetails' }
    ciphers.push(kept)
    revised = Date.now()
    return kept
  }
  const answers: Record<string, (body: string) => unknown> = {
    'GET /api/config': () => ({ version: '2026.6.0', gitHash: '0', environment: {}, featureStates: {}, object: 'config' }),
    'POST /identity/accounts/prelogin/password': () => ({ kdf: KDF.kdf, kdfIterations: KDF.iterations }),
    'POST /identity/connect/token': (body) => {
      const form = new URLSearchParams(body)
      return form.get('grant_type') === 'refresh_token' || (form.get('username') === email && form.get('password') === account.hash) ? account.token() : undefined
    },
    'GET /api/sync': () => account.sync(ciphers),
    'GET /api/accounts/revision-date': () => revised,
    'POST /api/ciphers': (body) => created(JSON.parse(body) as Record<string, unknown>, []),
    'POST /api/ciphers/create': (body) => {
      const { cipher, collectionIds } = JSON.parse(body) as { cipher: Record<string, unknown>; collectionIds: string[] }
      return created(cipher, collectionIds)
    },
    'POST /events/collect': () => ({}),
  }
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (incoming, outgoing) => void answerTo(incoming, outgoing))
  const answerTo = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const what = `${incoming.method} ${(incoming.url ?? '').replace(/\?.*/, '')}`
    requests.push(what)
    const answer = answers[what]?.(await text(incoming))
    outgoing.writeHead(answer === undefined ? 400 : 200, { 'content-type': 'application/json' })
    outgoing.end(JSON.stringify(answer ?? { message: `no ${what}` }))
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    certificate,
    requests,
    add: (item) => {
      ciphers.push(account.sealed(item))
      revised = Date.now()
    },
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
