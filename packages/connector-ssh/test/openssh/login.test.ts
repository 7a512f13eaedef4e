import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { secret, sh } from '@chaos/core'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openTo, processes, refusal, run, scratch, settingsFor } from './open-to.ts'
import type { Scratch } from './open-to.ts'

const missing = noSshd()
const PASSWORD = String.raw`c4nary pass'"\$%!`
const PASSPHRASE = 'an0ther canary'

describe.skipIf(missing !== undefined)(`logins of the openssh transport (${missing ?? 'a real sshd'})`, () => {
  let sshd: Sshd
  let interactive: Sshd
  let temporary: Scratch
  let keys: string

  beforeAll(async () => {
    keys = mkdtempSync(join(tmpdir(), 'chaos-keys-'))
    const config = 'TrustedUserCAKeys /etc/ssh/user_ca.pub\nMaxAuthTries 3'
    sshd = await startSshd({ users: { ana: { password: PASSWORD }, bea: {} }, config: `${config}\nMatch User bea\n  AuthorizedKeysFile none` })
    interactive = await startSshd({ users: { ana: { password: PASSWORD } }, config: 'KbdInteractiveAuthentication yes\nPasswordAuthentication yes' })
    keygen('-t', 'ed25519', '-N', '', '-f', join(keys, 'ca'))
    await sshd.run(`echo '${readFileSync(join(keys, 'ca.pub'), 'utf8').trim()}' >/etc/ssh/user_ca.pub`)
  })
  afterAll(async () => {
    await Promise.all([sshd.close(), interactive.close()])
    rmSync(keys, { recursive: true })
  })
  beforeEach(() => {
    temporary = scratch()
  })
  afterEach(() => {
    temporary.remove()
  })

  const none = { keys: [] }
  const countIn = ({ log }: Sshd, pattern: RegExp): number => log().match(pattern)?.length ?? 0

  /** Looks, until the work is over, for a text in command lines, environments and files of connections. */
  const watched = async (text: string, work: Promise<unknown>): Promise<{ seen: string[]; asked: boolean }> => {
    const seen: string[] = []
    let asked = false
    const over = new AbortController()
    const end = (): void => over.abort()
    work.then(end, end)
    while (!over.signal.aborted) {
      seen.push(...processes(({ argv, environment }) => {
        asked ||= environment.includes(`SSH_ASKPASS=${temporary.folder}`)
        return argv.includes(text) || environment.includes(text)
      }))
      for (const name of readdirSync(temporary.folder, { recursive: true }).map(String)) {
        const file = join(temporary.folder, name)
        try {
          if (statSync(file).isFile() && readFileSync(file, 'utf8').includes(text)) seen.push(file)
        } catch {
          // It has just gone.
        }
      }
      // The work needs the processor too.
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return { seen, asked }
  }

  it.each(['password', 'keyboard-interactive'])('gives a password by %s', async (method) => {
    const to = method === 'password' ? sshd : interactive
    const connection = await openTo(to, { ...none, user: 'ana', password: secret(PASSWORD) })
    expect((await run(connection, sh`id -un`)).stdout).toBe('ana\n')
    await connection.close({ outcome: 'done' })
    expect(countIn(to, /Failed/g)).toBe(0)
  })

  it.each(['password', 'keyboard-interactive'])('tries a wrong password once by %s, and says so', async (method) => {
    const to = method === 'password' ? sshd : interactive
    const before = to.log().length
    const error = await refusal(openTo(to, { ...none, user: 'ana', password: secret('wr0ng') }))
    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', hint: 'Check ssh_user and ssh_password.', details: { retry: false, user: 'ana' } })
    expect(error.message).toMatch(/does not let ana in\.\nrefused {3}the password/)
    expect(JSON.stringify([error.message, error.details])).not.toContain('wr0ng')
    await vi.waitFor(() => expect(to.log().slice(before)).toContain('Failed '), 20_000)
    expect(to.log().slice(before).match(/Failed (password|keyboard-interactive\/pam) for/g)).toHaveLength(1)
  })

  it('shows a password nowhere while it logs in: no argument, no environment, no file', async () => {
    for (const to of [sshd, interactive]) {
      const opening = openTo(to, { ...none, user: 'ana', password: secret(PASSWORD) })
      const right = await watched(PASSWORD, opening)
      expect(right).toEqual({ seen: [], asked: true })
      await (await opening).close({ outcome: 'done' })
      // A refused one takes two seconds, in which ssh has been given it.
      const wrong = await watched('wr0ngcanary', openTo(to, { ...none, user: 'ana', password: secret('wr0ngcanary') }).catch(() => {}))
      expect(wrong).toEqual({ seen: [], asked: true })
    }
  })

  it('unlocks a key with its passphrase, and shows it nowhere', async () => {
    const key = join(keys, 'locked')
    copyFileSync(sshd.key, key)
    keygen('-p', '-N', PASSPHRASE, '-f', key)
    const opening = openTo(sshd, { user: 'ana', keys: [{ path: key, required: true }], keyPassword: secret(PASSPHRASE) })
    expect(await watched(PASSPHRASE, opening)).toEqual({ seen: [], asked: true })
    expect((await run(await opening, sh`id -un`)).stdout).toBe('ana\n')
    await (await opening).close({ outcome: 'done' })
    const error = await refusal(openTo(sshd, { user: 'ana', keys: [{ path: key, required: true }], keyPassword: secret('wr0ng') }))
    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', hint: 'Check ssh_key_password.', details: { retry: false } })
  })

  it('answers nothing it has no answer for, and hangs on no question', async () => {
    const error = await refusal(openTo(sshd, { ...none, user: 'ana', keyPassword: secret('x') }))
    expect(error.message).toContain("asked     ana@127.0.0.1's password:, and nobody could answer")
    const batch = await refusal(openTo(sshd, { ...none, user: 'ana' }))
    expect(batch).toMatchObject({ code: 'AUTHENTICATION_FAILED', details: { methods: ['publickey', 'password'] } })
  })

  it('logs in with a certificate that lies next to its key, where the key alone is refused', async () => {
    const key = join(keys, 'certified')
    keygen('-t', 'ed25519', '-N', '', '-f', key)
    const settings = { user: 'bea', keys: [{ path: key, required: true }] }
    expect((await refusal(openTo(sshd, settings))).code).toBe('AUTHENTICATION_FAILED')
    keygen('-s', join(keys, 'ca'), '-I', 'bea of the tests', '-n', 'bea', `${key}.pub`)
    const connection = await openTo(sshd, settings)
    expect((await run(connection, sh`id -un`)).stdout).toBe('bea\n')
    await connection.close({ outcome: 'done' })
    expect(sshd.log()).toContain('ED25519-CERT')
  })

  it('logs in with a certificate that the configuration names', async () => {
    const key = join(keys, 'apart')
    keygen('-t', 'ed25519', '-N', '', '-f', key)
    keygen('-s', join(keys, 'ca'), '-I', 'bea', '-n', 'bea', `${key}.pub`)
    const certificate = join(keys, 'elsewhere.pub')
    copyFileSync(`${key}-cert.pub`, certificate)
    execFileSync('rm', [`${key}-cert.pub`])
    const configFile = join(keys, 'config')
    writeFileSync(configFile, `Host ${sshd.host}\n  CertificateFile ${certificate}\n`)
    const connection = await openTo(sshd, { user: 'bea', keys: [{ path: key, required: true }], configFile })
    expect((await run(connection, sh`id -un`)).stdout).toBe('bea\n')
    await connection.close({ outcome: 'done' })
  })

  it('trusts a host by the certificate of its key', async () => {
    const { host, port } = sshd
    const authority = readFileSync(join(keys, 'ca.pub'), 'utf8').trim()
    const host2 = await startSshd({ config: 'HostCertificate /etc/ssh/host-cert.pub' })
    try {
      writeFileSync(join(keys, 'host.pub'), host2.hostKey())
      keygen('-s', join(keys, 'ca'), '-h', '-I', 'a host', '-n', host, join(keys, 'host.pub'))
      await host2.run(`echo '${readFileSync(join(keys, 'host-cert.pub'), 'utf8').trim()}' >/etc/ssh/host-cert.pub`)
      await host2.stop()
      await host2.start()
      const known = join(keys, 'authorities')
      writeFileSync(known, `@cert-authority [${host}]:* ${authority}\n`)
      const connection = await openTo(host2, { knownHosts: [known] })
      expect((await run(connection, sh`echo in`)).stdout).toBe('in\n')
      await connection.close({ outcome: 'done' })
      // Another host of the same pattern without a certificate.
      expect((await refusal(openTo({ ...sshd, host, port }, { knownHosts: [known] }))).code).toBe('HOST_KEY_UNKNOWN')
    } finally {
      await host2.close()
    }
  })

  it('says that there is no ssh', async () => {
    const path = process.env['PATH']
    process.env['PATH'] = join(keys, 'bin')
    try {
      expect(await refusal(openTo(sshd))).toMatchObject({ code: 'SSH_MISSING', details: { retry: false } })
    } finally {
      process.env['PATH'] = path
    }
  })

  it('says what a configuration has that ssh does not understand', async () => {
    const configFile = join(keys, 'broken')
    writeFileSync(configFile, 'NoSuchOption yes\n')
    const error = await refusal(openTo(sshd, { configFile }))
    expect(error).toMatchObject({ code: 'SSH_CONFIG', details: { retry: false } })
    expect(error.message).toContain('Bad configuration option: nosuchoption')
  })

  it('says why nothing answers', async () => {
    const nobody = { ...settingsFor(sshd), key: sshd.key }
    const closed = { host: '127.0.0.1', port: 1, key: nobody.key, knownHosts: sshd.knownHosts }
    expect((await refusal(openTo(closed))).code).toBe('CONNECT_REFUSED')
    expect((await refusal(openTo({ ...closed, host: 'no-such-host.invalid' }))).code).toBe('CONNECT_RESOLVE')
    expect((await refusal(openTo(sshd, { proxyCommand: 'sleep 300', connectTimeout: 1 }))).code).toBe('CONNECT_TIMEOUT')
    expect((await refusal(openTo(sshd, { proxyCommand: 'echo no way >&2; exit 3' }))).code).toBe('CONNECT_PROXY')
    // It hears ssh out before it ends: ssh that cannot say its part does not read what was said to it.
    expect(await refusal(openTo(sshd, { proxyCommand: 'sh -c "echo HTTP/1.1 400 Bad Request; head -c 1 >/dev/null"' }))).toMatchObject({ code: 'SSH_PROTOCOL' })
  })
})

function keygen(...args: string[]): void {
  execFileSync('ssh-keygen', ['-q', ...args], { stdio: 'ignore' })
}
