import { createHash, createSign, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildIfStale, makeDesk } from './command-line.ts'
import type { Desk } from './command-line.ts'

describe('what styx installed from a registry of npm', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const NAME = 'chaos-role-motd'
  const dist: Record<string, unknown> = {}
  let home: Desk
  let installed: Record<string, string>

  const sign = (text: string): string => createSign('SHA256').update(text).sign(privateKey, 'base64')
  let keys: object[] | undefined

  /** A registry that signs as npm's does. Verdaccio does not. */
  function answer(bytes: Uint8Array): RequestListener {
    return (request, response) => {
      if (request.url?.endsWith('.tgz')) return void response.end(bytes)
      const found = request.url === '/-/npm/v1/keys' ? keys && { keys } : { name: NAME, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': { name: NAME, version: '1.0.0', dist } } }
      response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? {}))
    }
  }
  const verify = async (): Promise<{ code: number | null; verdict: unknown }> => {
    const { code, stdout, stderr } = await home.chaos(['styx', 'verify', '--json'], { env: installed })
    expect(stderr).toBe('')
    return { code, verdict: (JSON.parse(stdout) as unknown[])[0] }
  }
  let server: Server
  let integrity = ''

  beforeAll(async () => {
    buildIfStale()
    home = makeDesk()
    const files = { 'package.json': JSON.stringify({ name: NAME, version: '1.0.0', type: 'module', exports: './index.js', chaos: { api: 1, roles: { motd: '.' } } }), 'index.js': 'export default {}\n' }
    const bytes = gzipSync(await packTar(Object.entries(files).map(([name, body]) => ({ header: { name: `package/${name}`, size: Buffer.byteLength(body), type: 'file' as const }, body }))))
    integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
    server = createServer(answer(bytes))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    home.write('.npmrc', `registry=${url}/\n`)
    home.write('registry.yml', JSON.stringify({ styx: { motd: { name: NAME, version: '1.0.0', hash: integrity } } }))
    Object.assign(dist, { tarball: `${url}/${NAME}-1.0.0.tgz`, integrity })
    installed = { CHAOS_PLUGIN_DIR: path.join(home.folder, 'data/plugins'), CHAOS_STYX_REGISTRY: path.join(home.folder, 'registry.yml'), npm_config_userconfig: path.join(home.folder, '.npmrc'), npm_config_registry: `${url}/`, npm_config_cache: path.join(home.folder, 'npm') }
    const { code, stderr } = await home.chaos(['styx', 'invoke', 'motd'], { env: installed })
    if (code !== 0) throw new Error(stderr)
  }, 300_000)
  afterAll(() => {
    server.close().closeAllConnections()
    home.remove()
  })
  const publish = (signed: string, more: object = {}): void => {
    keys = [{ keyid: 'SHA256:test', keytype: 'ecdsa-sha2-nistp256', scheme: 'ecdsa-sha2-nistp256', key: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'), expires: null }]
    Object.assign(dist, { integrity, signatures: [{ keyid: 'SHA256:test', sig: sign(signed) }], ...more })
  }

  it('is verified by the key of its registry', async () => {
    publish(`${NAME}@1.0.0:${integrity}`)
    expect(await verify()).toMatchObject({ code: 0, verdict: { integrity: 'verified', registry: 'reviewed', signature: 'verified', provenance: 'not verified' } })
  })

  it('fails when the signature is that of something else, or the registry now has other bytes', async () => {
    publish(`${NAME}@1.0.1:${integrity}`)
    expect(await verify()).toMatchObject({ code: 1, verdict: { integrity: 'verified', signature: 'invalid', notes: expect.arrayContaining([expect.stringContaining('SHA256:test')]) as string[] } })
    publish(`${NAME}@1.0.0:${integrity}`, { integrity: `sha512-${'A'.repeat(86)}==` })
    expect(await verify()).toMatchObject({ code: 1, verdict: { signature: 'invalid', notes: ['npm has other bytes for this version'] } })
  })

  it('is not verified where nobody can tell: no signature, another key, no keys', async () => {
    publish(`${NAME}@1.0.0:${integrity}`, { signatures: undefined })
    expect(await verify()).toMatchObject({ code: 0, verdict: { signature: 'not verified' } })
    publish(`${NAME}@1.0.0:${integrity}`, { signatures: [{ keyid: 'SHA256:other', sig: sign('') }] })
    expect(await verify()).toMatchObject({ code: 0, verdict: { signature: 'not verified' } })
    publish(`${NAME}@1.0.0:${integrity}`)
    keys = undefined
    expect(await verify()).toMatchObject({ code: 0, verdict: { signature: 'not verified' } })
  })
})
