import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** What npm sends to publish, and what it gets. */
interface Packument {
  name: string
  'dist-tags': Record<string, string>
  versions: Record<string, { version: string; dist: { tarball: string; integrity?: string; shasum?: string } }>
  _attachments?: Record<string, { data: string; length: number }>
}

export interface NpmRegistry {
  readonly url: string
  /** Lines of an .npmrc that make it the registry of these scopes, with leave to publish. */
  npmrc(...scopes: string[]): string
  /** `NAME@VERSION` of everything that was published, sorted. */
  published(): string[]
  /** The integrity of a version, as its tarball has it. */
  integrity(name: string, version: string): string
  close(): void
}

const TOKEN = 'token-of-the-test'
const sha512 = (bytes: Buffer): string => `sha512-${createHash('sha512').update(bytes).digest('base64')}`

/**
 * An npm registry in memory: publish (PUT), packument and tarball (GET). Like the real one it takes nothing without a token, no version twice,
 * and nothing whose hash is not that of its bytes.
 */
export async function startRegistry(): Promise<NpmRegistry> {
  const packages = new Map<string, Packument>()
  const tarballs = new Map<string, Buffer>()

  async function publish(request: IncomingMessage, name: string): Promise<readonly [number, object]> {
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return [401, { error: 'who are you?' }]
    const { _attachments = {}, ...sent } = (await json(request)) as Packument
    const have = packages.get(name) ?? { ...sent, versions: {} }
    for (const [version, manifest] of Object.entries(sent.versions)) {
      const [attached] = Object.values(_attachments)
      const bytes = Buffer.from(attached?.data ?? '', 'base64')
      if (have.versions[version]) return [403, { error: `${name}@${version} is there already` }]
      if (bytes.length !== attached?.length || manifest.dist.integrity !== sha512(bytes)) return [400, { error: 'the bytes are not what their hash says' }]
      const path = `/${name}/-/${name.split('/').at(-1)}-${version}.tgz`
      tarballs.set(path, bytes)
      have.versions[version] = { ...manifest, dist: { ...manifest.dist, tarball: url + path } }
    }
    packages.set(name, { ...have, 'dist-tags': { ...have['dist-tags'], ...sent['dist-tags'] } })
    return [201, { ok: true }]
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(new URL(request.url ?? '', url).pathname)
    const tarball = tarballs.get(path)
    if (tarball) return void response.end(tarball)
    const known = packages.get(path.slice(1))
    const [code, body] = request.method === 'PUT' ? await publish(request, path.slice(1)) : known ? [200, known] : [404, { error: 'not found' }]
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    npmrc: (...scopes) => [...scopes.map((scope) => `${scope}:registry=${url}/`), `//127.0.0.1:${port}/:_authToken=${TOKEN}`, ''].join('\n'),
    published: () => [...packages].flatMap(([name, { versions }]) => Object.keys(versions).map((version) => `${name}@${version}`)).toSorted(),
    integrity: (name, version) => packages.get(name)?.versions[version]?.dist.integrity ?? '',
    close: () => server.close().closeAllConnections(),
  }
}
