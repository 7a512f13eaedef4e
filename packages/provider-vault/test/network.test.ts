import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { makeReading } from './reading.ts'
import { startVault } from './vault-server.ts'
import type { FakeVault } from './vault-server.ts'

const { vault, folder, context, read: readAny, mustFail: mustFailAt, remove } = await makeReading({ kv_version: 2 })
vault.put('secret/app', { password: 'CaNaRy' })
afterAll(remove)
beforeEach(() => void vault.asked.splice(0))

const PATH = 'secret/data/app'
const read = (given = context()): Promise<string> => readAny('secret/app#password', given)
const mustFail = (code: string, said: RegExp, given = context()): Promise<void> => mustFailAt('secret/app#password', code, said, given)
const given = (...answers: ((response: ServerResponse) => void)[]): void => void (vault.instead[PATH] = answers.map((each) => (_, response) => each(response)))
const says = (status: number, headers: Record<string, string> = {}, body = '{"errors":["CaNaRy"]}') => (response: ServerResponse) => void response.writeHead(status, headers).end(body)

describe('what may pass is asked again', () => {
  it.each([412, 429, 500, 502, 503])('%i, until it has passed', async (status) => {
    given(says(status, { 'retry-after': '0' }), says(status, { 'retry-after': new Date(0).toUTCString() }))
    expect(await read()).toBe('CaNaRy')
    expect(vault.asked).toHaveLength(3)
  })

  it('three times and not for ever, nor where one is to come back in an hour', async () => {
    given(...Array.from({ length: 9 }, () => says(429, { 'retry-after': '0' })))
    await mustFail('VAULT_BUSY', /too many questions/)
    expect(vault.asked).toHaveLength(4)
    given(says(503, { 'retry-after': '3600' }))
    await mustFail('VAULT_FAILED', /come back in 3600 seconds/)
    given(...Array.from({ length: 4 }, () => says(502, { 'retry-after': '0' }, '<html>CaNaRy</html>')))
    await mustFail('VAULT_FAILED', /502/)
  })

  it('but not what is sealed: that stays so', async () => {
    given(says(503, {}, '{"errors":["Vault is sealed"]}'))
    await mustFail('VAULT_SEALED', /vault operator unseal/)
    expect(vault.asked).toHaveLength(1)
  })
})

describe('an answer that is not of Vault', () => {
  it.each([
    ['a page', says(200, { 'content-type': 'text/html; CaNaRy' }, '<html>CaNaRy</html>')],
    ['a page for what is not there', says(404, { 'content-type': 'text/html' }, '<html>CaNaRy</html>')],
    ['JSON of somebody else', says(200, { 'content-type': 'application/json' }, '{"hello":"CaNaRy"}')],
    ['JSON of somebody else for what is not there', says(404, { 'content-type': 'application/json' }, '{"hello":"CaNaRy"}')],
    ['half of one', says(200, {}, '{"data":{"data":{"password":"CaNaRy')],
    ['none', says(418, {}, '')],
  ])('is refused: %s', async (_, answer) => {
    given(answer)
    await mustFail('VAULT_ANSWER', /whether the address is right/)
  })

  it('is not read to its end when it has none', async () => {
    given((response) => {
      const more = (): void => void (response.destroyed || response.write('CaNaRy'.repeat(20_000), () => setImmediate(more)))
      more()
    })
    await mustFail('VAULT_ANSWER', /more than 4 MB/)
  })
})

describe('a redirection', () => {
  it('is followed where it leads to the same place, a few times', async () => {
    given(says(307, { location: `/v1/${PATH}?again` }))
    expect(await read()).toBe('CaNaRy')
    given(...Array.from({ length: 9 }, () => says(307, { location: `/v1/${PATH}` })))
    await mustFail('VAULT_REDIRECT', /without an end/)
  })

  it('to somebody else is not, who is never asked and never has the token', async () => {
    let others = 0
    const other = createServer((_, response) => {
      others++
      response.end()
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    given(says(307, { location: `${url}/v1/${PATH}` }))
    await mustFail('VAULT_REDIRECT', new RegExp(`${url}, which is somebody else`))
    expect(others).toBe(0)
    other.close()
  })
})

describe('a network', () => {
  it('where nobody listens, or nobody has that name', async () => {
    await mustFail('VAULT_REFUSED', /Nothing listens at http:\/\/127\.0\.0\.1:1/, context({ address: 'http://127.0.0.1:1' }))
    await mustFail('VAULT_NAME', /vault\.invalid/, context({ address: 'http://vault.invalid:8200' }))
  })

  it('where no answer comes, or breaks off', async () => {
    given(() => undefined)
    await mustFail('VAULT_TIMEOUT', /within 0\.2 seconds/, context({ timeout: 0.2 }))
    // By a path of its own: the question that was given up may be read only now.
    vault.instead['secret/data/other'] = [(_, response) => void response.destroy()]
    await mustFailAt('secret/other#password', 'VAULT_CONNECTION', /broke \(ECONNRESET\)/, context())
  })

  it('whose connection was kept, and has been closed meanwhile, is asked again by another one', async () => {
    const run = context()
    expect(await read(run)).toBe('CaNaRy')
    vault.asked.splice(0)
    vault.put('secret/next', { password: 'CaNaRy 2' })
    vault.instead['secret/data/next'] = [(_, response) => void response.destroy()]
    expect(await readAny('secret/next#password', run)).toBe('CaNaRy 2')
    expect(vault.asked).toHaveLength(2)
  })

  it('that is waited for no longer when the run is interrupted', async () => {
    const abort = new AbortController()
    given(() => abort.abort())
    await mustFail('INTERRUPTED', /interrupted/, { ...context(), signal: abort.signal })
  })
})

it('a namespace goes along with every question', async () => {
  const seen: unknown[] = []
  vault.instead[PATH] = [(request, response) => {
    seen.push(request.headers['x-vault-namespace'])
    says(403)(response)
  }]
  await mustFail('VAULT_DENIED', /in the namespace team\/a/, context({ namespace: 'team/a' }))
  expect(seen).toEqual(['team/a'])
})

const noOpenssl = spawnSync('openssl', ['version']).error ? ' (needs openssl)' : ''
describe.skipIf(noOpenssl)(`TLS${noOpenssl}`, () => {
  const file = (name: string): string => join(folder, name)
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  let secure: FakeVault

  async function start(): Promise<void> {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Our own CA', '-days', '2')
    openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=vault')
    writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1\n')
    openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'server.pem', '-days', '2', '-extfile', 'names')
    secure = await startVault({ tls: { key: readFileSync(file('server.key'), 'utf8'), cert: readFileSync(file('server.pem'), 'utf8') } })
    secure.put('secret/app', { password: 'CaNaRy' })
  }

  it('is trusted with the file of its own CA, and by nothing else', async () => {
    await start()
    const { address } = secure
    expect(await read(context({ address, ca_file: file('ca.pem') }))).toBe('CaNaRy')
    process.env['VAULT_CACERT'] = file('ca.pem')
    expect(await read(context({ address }))).toBe('CaNaRy')
    delete process.env['VAULT_CACERT']
    process.env['VAULT_SKIP_VERIFY'] = '1'
    secure.asked.splice(0)
    await mustFail('VAULT_UNTRUSTED', /VAULT_CACERT.*always verified/, context({ address }))
    delete process.env['VAULT_SKIP_VERIFY']
    await mustFail('VAULT_UNTRUSTED', /not for localhost/, context({ address: address.replace('127.0.0.1', 'localhost'), ca_file: file('ca.pem') }))
    await mustFail('VAULT_UNTRUSTED', /http:\/\/ instead/, context({ address: vault.address.replace('http:', 'https:') }))
    await mustFail('VAULT_CONNECTION', /http:\/\/ for one without TLS/, context({ address: address.replace('https:', 'http:') }))
    expect(secure.asked).toEqual([])
    secure.stop()
  })
})
