import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { secret, sh } from '@chaos/core'
import { noSshd, startSshd } from '@chaos/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Settings } from '../../src/settings/contract.ts'
import { hostileServer, newKey } from './hostile.ts'
import { failing, folder, open, run, settingsFor } from './support.ts'

const missing = noSshd()

/** What a user has that a hostile server would like. */
function settings(port: number, changes: Partial<Settings> = {}): Settings {
  const here = folder()
  const key = join(here, 'id')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-f', key, '-N', ''])
  const knownHosts = join(here, 'known_hosts')
  return { ...settingsFor({ host: '127.0.0.1', port, key, knownHosts }), user: 'ana', password: secret('open sesame'), connectRetries: 3, ...changes }
}

function line(port: number, blob: Buffer, marker = ''): string {
  return `${marker}[127.0.0.1]:${port} ssh-ed25519 ${blob.toString('base64')}\n`
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
}

describe('a hostile server', () => {
  it.each([
    ['HOST_KEY_UNKNOWN', 'is not known', () => ''],
    ['HOST_KEY_CHANGED', 'has another key', (port: number) => line(port, newKey().blob)],
    ['HOST_KEY_REVOKED', 'has a revoked key', (port: number, own: Buffer) => line(port, own) + line(port, own, '@revoked ')],
    ['HOST_KEY_AUTHORITY', 'has only an authority', (port: number) => line(port, newKey().blob, '@cert-authority ')],
  ])('learns nothing of the user, and is left: %s', async (code, _, known) => {
    const server = await hostileServer()
    const mine = settings(server.port)
    writeFileSync(mine.knownHosts[0] as string, known(server.port, server.publicKey))
    expect(await failing(open(mine))).toMatchObject({ code, details: { retry: false } })
    await until(() => server.connections.ended === server.connections.begun)
    expect([server.seen, server.connections.begun]).toEqual([[], 1])
  })

  it('with a changed key is refused by accept-new too', async () => {
    const server = await hostileServer()
    const mine = settings(server.port, { strict: 'accept-new' })
    writeFileSync(mine.knownHosts[0] as string, line(server.port, newKey().blob))
    expect(await failing(open(mine))).toMatchObject({ code: 'HOST_KEY_CHANGED' })
    expect(server.seen).toEqual([])
  })

  it('that is new is kept by accept-new, before anything of the user is sent', async () => {
    let kept: boolean | undefined
    const server = await hostileServer({}, () => (kept ??= existsSync(mine.knownHosts[0] as string)))
    const mine = settings(server.port, { strict: 'accept-new' })
    expect(await failing(open(mine))).toMatchObject({ code: 'AUTHENTICATION_FAILED' })
    expect([kept, readFileSync(mine.knownHosts[0] as string, 'utf8')]).toEqual([true, line(server.port, server.publicKey)])
    expect(server.seen[0]).toBe('ana publickey ssh-ed25519')
  })

  it('that cannot be kept is not told who comes', async () => {
    const server = await hostileServer()
    const mine = settings(server.port, { strict: 'accept-new', knownHosts: ['/proc/none/known_hosts'] })
    expect(await failing(open(mine))).toMatchObject({ code: 'KNOWN_HOSTS_UNWRITABLE' })
    expect(server.seen).toEqual([])
  })

  it('that is trusted is given a wrong password once', async () => {
    const server = await hostileServer()
    const mine = settings(server.port)
    writeFileSync(mine.knownHosts[0] as string, line(server.port, server.publicKey))
    expect(await failing(open(mine))).toMatchObject({ code: 'AUTHENTICATION_FAILED' })
    expect(server.seen.filter((each) => each.includes('sesame'))).toEqual(['ana password open sesame'])
  })

  it.each([
    ['chacha20-poly1305 alone', { cipher: ['chacha20-poly1305@openssh.com'] }],
    ['CBC alone', { cipher: ['aes256-cbc', 'aes128-cbc'] }],
  ])('that takes %s is not spoken with: Terrapin needs them', async (_, algorithms) => {
    const server = await hostileServer({ algorithms } as never)
    const mine = settings(server.port)
    writeFileSync(mine.knownHosts[0] as string, line(server.port, server.publicKey))
    expect(await failing(open(mine))).toMatchObject({ code: 'SSH_PROTOCOL', message: expect.stringMatching(/no .*cipher in common; chaos offers aes128-gcm/), details: { retry: false } })
    expect(server.seen).toEqual([])
  })

  it('that the user wants other algorithms for than this transport has is not connected to', async () => {
    const server = await hostileServer()
    const mine = settings(server.port, { algorithms: { ciphers: ['chacha20-poly1305@openssh.com'] } })
    expect(await failing(open(mine))).toMatchObject({ code: 'SSH_PROTOCOL', message: 'Of the Ciphers that the SSH configuration allows for web, this transport has none.' })
  })
})

describe.skipIf(missing !== undefined)(`the host key of a real sshd${missing === undefined ? '' : ` (${missing})`}`, () => {
  it.each(['ed25519', 'ecdsa', 'rsa'] as const)('is asked for by the type that is known: %s', async (type) => {
    const sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa', 'rsa'] })
    onTestFinished(() => sshd.close())
    const known = join(folder(), 'known_hosts')
    writeFileSync(known, `[${sshd.host}]:${sshd.port} ${sshd.hostKey(type)}\n`)
    expect((await run(await open(settingsFor(sshd, { knownHosts: [known] })), sh`echo in`)).stdout).toBe('in\n')
  })

  it('may be shown again in the middle of a connection', async () => {
    const sshd = await startSshd({ config: 'RekeyLimit 1M' })
    onTestFinished(() => sshd.close())
    const connection = await open(settingsFor(sshd))
    expect((await run(connection, sh`head -c 12000000 /dev/zero | wc -c`)).stdout).toBe('12000000\n')
    const { stdout } = await run(connection, sh`head -c 12000000 /dev/zero`)
    expect(stdout.length).toBe(12_000_000)
  })

  it('that changed between two connections is refused', async () => {
    const sshd = await startSshd()
    onTestFinished(() => sshd.close())
    await (await open(settingsFor(sshd))).close({ outcome: 'done' })
    await sshd.changeHostKeys()
    expect(await failing(open(settingsFor(sshd)))).toMatchObject({ code: 'HOST_KEY_CHANGED' })
  })
})
