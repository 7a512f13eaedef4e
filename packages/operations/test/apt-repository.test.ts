import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { noSshd, startMachine } from '@chaos/testkit'
import type { Machine } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apt } from '../src/index.ts'
import { publish, REFRESH, sign } from './support/apt-repository.ts'
import { onMachine } from './support/on-machine.ts'
import type { OnMachine } from './support/on-machine.ts'

const missing = noSshd()

describe.skipIf(missing)(`repositories of Debian${missing ? ` (${missing})` : ''}`, () => {
  let machine: Machine
  let on: OnMachine
  let key = ''
  const server = createServer((_, response) => void response.end(key))
  const apply = async (...ops: Parameters<OnMachine['apply']>[0]) => {
    const applied = await on.apply(ops)
    expect(applied.errors).toEqual([])
    return applied
  }

  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    machine = await startMachine()
    on = onMachine(machine)
    await machine.run(`${publish([{ name: 'aaa' }])}\n${publish([{ name: 'signed-one' }], { folder: '/srv/signed', only: false })}\n${REFRESH}`)
    key = await machine.run(sign('/srv/signed'))
  })
  afterAll(async () => {
    server.close()
    await on?.close()
    await machine?.close()
  })

  const signed = { name: 'signed', uris: 'file:/srv/signed', suites: './' }

  test('a repository and its key are written, and its packages are there in the same run; then there is nothing to do, in 2 exchanges', async () => {
    const operations = () => [apt.repository({ ...signed, key: { text: key } }), apt.packages({ packages: ['signed-one'] })]
    const { plan } = await on.apply(operations(), { dry: true })
    expect(plan.hosts[0]?.roles[0]?.operations.map(({ verdict, reason }) => reason ?? verdict)).toEqual(['change', 'after apt.repository signed'])
    await apply(...operations())
    expect(await machine.run('cat /etc/apt/sources.list.d/signed.sources')).toBe(
      '# Managed by chaos: changes made here are lost.\nTypes: deb\nURIs: file:/srv/signed\nSuites: ./\nSigned-By: /etc/apt/keyrings/signed.asc\n',
    )
    expect(await machine.run("dpkg-query -W -f '${Version}' signed-one; cat /etc/apt/keyrings/signed.asc")).toBe(`1.0${key}`)
    const again = await apply(...operations())
    expect([again.end.operations.changed, again.hosts[0]?.exchanges]).toEqual([0, 2])
  })

  test('a key from an address is loaded by the host, and must be the very one', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/key.asc`
    const sha256 = createHash('sha256').update(key).digest('hex')
    await machine.run('rm /etc/apt/keyrings/signed.asc')
    const { errors } = await on.apply([apt.repository({ ...signed, key: { url, sha256: '0'.repeat(64) } })])
    expect(errors[0]?.code).toBe('CHANGE_FAILED')
    expect(await machine.run('ls /etc/apt/keyrings')).not.toContain('signed')
    const wrongForm = await on.apply([apt.repository({ ...signed, key: { url, sha256, armored: false } })])
    expect(JSON.stringify(wrongForm.errors)).toContain('leave out armored: false')
    await apply(apt.repository({ ...signed, key: { url, sha256 } }))
    expect(await machine.run('cat /etc/apt/keyrings/signed.asc; stat -c %a /etc/apt/keyrings/signed.asc; ls /etc/apt/keyrings | grep -c chaos || true')).toBe(`${key}644\n0\n`)
    expect((await apply(apt.repository({ ...signed, key: { url, sha256 } }))).end.operations.changed).toBe(0)
  })

  test('an index that was not refreshed since the repository was written is refreshed by the next run', async () => {
    await machine.run('touch /etc/apt/sources.list.d/signed.sources')
    const repeated = await apply(apt.repository({ ...signed, key: { text: key } }))
    expect(repeated.events.flatMap((event) => (event.type === 'operation.end' ? event.changes.map(({ summary }) => summary) : []))).toEqual(['refresh the package index'])
    expect((await apply(apt.repository({ ...signed, key: { text: key } }))).end.operations.changed).toBe(0)
  })

  test('packages that the key did not sign are refused', async () => {
    const other = await machine.run(`cp -r /srv/signed /srv/other\n${sign('/srv/other')}`)
    const { errors } = await on.apply([apt.repository({ ...signed, key: { text: other } })])
    expect(JSON.stringify(errors)).toMatch(/NO_PUBKEY|couldn't be verified|not signed/)
    await apply(apt.repository({ ...signed, key: { text: key } }))
  })

  test('what is absent takes its key along', async () => {
    const { plan } = await on.apply([apt.repository({ name: 'signed', present: false })], { dry: true })
    expect(plan.changes.removals).toBe(2)
    await apply(apt.repository({ name: 'signed', present: false }))
    expect(await machine.run('ls /etc/apt/sources.list.d /etc/apt/keyrings')).not.toContain('signed')
    expect((await apply(apt.repository({ name: 'signed', present: false }))).end.operations.changed).toBe(0)
  })

  test.each([
    [{ name: 'a b', uris: 'https://x.example', suites: './' }, 'it becomes a file'],
    [{ name: '../x', uris: 'https://x.example', suites: './' }, 'it becomes a file'],
    [{ name: 'x', suites: './' }, 'a repository has an address'],
    [{ name: 'x', uris: 'https://x.example', suites: 'bookworm' }, 'a suite has components'],
    [{ name: 'x', uris: 'https://x.example', suites: './', components: 'main' }, 'has no components'],
    [{ name: 'x', uris: 'https://x.example\nTrusted: yes', suites: './' }, 'uris'],
    [{ name: 'x', uris: 'https://x.example', suites: './\nTrusted: yes' }, 'suites'],
    [{ name: 'x', uris: 'https://x.example', suites: './', key: { url: 'https://x.example/k' } }, 'key'],
    [{ name: 'x', uris: 'https://x.example', suites: './', key: { text: 'nonsense' } }, 'key'],
  ])('a repository that cannot be meant is refused: %j', (args, message) => {
    expect(() => apt.repository(args as never)).toThrow(message)
  })
})
