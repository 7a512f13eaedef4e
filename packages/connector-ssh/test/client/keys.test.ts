import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { script, secret, sh } from '@chaos/core'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { failing, folder, open, run, runContext, settingsFor } from './support.ts'

const missing = noSshd()
let sshd: Sshd

beforeAll(async () => {
  if (missing === undefined) sshd = await startSshd({ users: { ana: {} } })
})

afterAll(() => sshd?.close())

/** A key that ana is let in with. */
async function key(...options: string[]): Promise<string> {
  const path = join(folder(), 'id')
  const passphrase = options.includes('-N') ? [] : ['-N', '']
  execFileSync('ssh-keygen', ['-q', '-f', path, ...passphrase, ...options])
  await accept(path)
  return path
}

async function accept(path: string): Promise<void> {
  await sshd.run(`cat >>/etc/ssh/chaos_authorized_keys <<'END'\n${readFileSync(`${path}.pub`, 'utf8')}END`)
}

/** A real agent with these keys. */
async function agent(...keys: string[]): Promise<string> {
  const socket = join(folder(), 'agent')
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(async () => {
    child.kill()
    if (child.exitCode === null) await once(child, 'exit')
  })
  await once(child.stdout, 'data')
  for (const path of keys) execFileSync('ssh-add', ['-q', path], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' })
  return socket
}

const ana = (path: string, changes = {}) => settingsFor(sshd, { user: 'ana', keys: [{ path, required: true }], ...changes })
const whoami = async (settings: Parameters<typeof open>[0], context?: Parameters<typeof open>[1]) => (await run(await open(settings, context), sh`id -un`)).stdout

describe.skipIf(missing !== undefined)(`keys${missing === undefined ? '' : ` (${missing})`}`, () => {
  it.each([
    ['ed25519', ['-t', 'ed25519']],
    ['ecdsa on each curve: 256', ['-t', 'ecdsa', '-b', '256']],
    ['ecdsa on each curve: 384', ['-t', 'ecdsa', '-b', '384']],
    ['ecdsa on each curve: 521', ['-t', 'ecdsa', '-b', '521']],
    ['rsa, with SHA-2', ['-t', 'rsa', '-b', '2048']],
    ['rsa as PEM', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']],
    ['ecdsa as PEM', ['-t', 'ecdsa', '-m', 'PEM']],
    ['rsa as PKCS#8', ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8']],
    ['ecdsa as PKCS#8', ['-t', 'ecdsa', '-b', '384', '-m', 'PKCS8']],
  ])('let in: %s', async (_, options) => {
    expect(await whoami(ana(await key(...options)))).toBe('ana\n')
  })

  it('let in: ed25519 as PKCS#8, as openssl makes it', async () => {
    const path = join(folder(), 'id')
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', path])
    const { x } = (await import('node:crypto')).createPublicKey(readFileSync(path)).export({ format: 'jwk' })
    const blob = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), Buffer.from(String(x), 'base64url')])
    writeFileSync(`${path}.pub`, `ssh-ed25519 ${blob.toString('base64')}\n`)
    await accept(path)
    expect(await whoami(ana(path))).toBe('ana\n')
  })

  it.each([
    ["OpenSSH's format", ['-t', 'ed25519']],
    ['PEM', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']],
    ['PKCS#8', ['-t', 'ecdsa', '-m', 'PKCS8']],
  ])('let in with a passphrase: %s', async (_, options) => {
    const path = await key(...options, '-N', 'open sesame')
    expect(await whoami(ana(path, { keyPassword: secret('open sesame') }))).toBe('ana\n')
    const wrong = await failing(open(ana(path, { keyPassword: secret('nothing') })))
    expect([wrong.code, wrong.details?.['retry'], wrong.message]).toEqual(['SSH_KEY_UNUSABLE', false, `The key ${path} for web cannot be used: ssh_key_password does not open it.`])
  })

  it('have their passphrase asked for once in a run, and only when the host takes the key', async () => {
    const path = await key('-t', 'ed25519', '-N', 'open sesame')
    const questions: string[] = []
    const context = runContext({
      prompt: async ({ text }) => {
        questions.push(text)
        return secret('open sesame')
      },
    })
    expect(await Promise.all([1, 2, 3].map(() => whoami(ana(path), context)))).toEqual(['ana\n', 'ana\n', 'ana\n'])
    expect(questions).toEqual([`Passphrase for the key ${path}`])
    const unknown = join(folder(), 'id')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-f', unknown, '-N', 'open sesame'])
    await failing(open(ana(unknown), context))
    expect(questions).toHaveLength(1)
  })

  it('with a passphrase that nobody can be asked for are passed over, and named', async () => {
    const path = await key('-t', 'ed25519', '-N', 'open sesame')
    const error = await failing(open(ana(path)))
    expect(error.code).toBe('AUTHENTICATION_FAILED')
    expect(error.message).toContain(`not tried ${path}: it has a passphrase, and nobody could be asked for it`)
    expect(await whoami(ana(path, { keys: [{ path, required: false }, { path: sshd.key, required: false }] }))).toBe('ana\n')
  })

  it('that are broken are passed over and named, unless the host was given them', async () => {
    const path = join(folder(), 'id')
    writeFileSync(path, 'no key\n')
    expect(await failing(open(ana(path)))).toMatchObject({ code: 'SSH_KEY_UNUSABLE', details: { retry: false } })
    expect(await failing(open(ana(`${path}.not-there`)))).toMatchObject({ code: 'SSH_KEY_UNUSABLE', message: expect.stringContaining('it is not there') })
    const error = await failing(open(ana(path, { keys: [{ path, required: false }] })))
    expect([error.code, error.message]).toEqual(['AUTHENTICATION_FAILED', expect.stringContaining(`not tried ${path}: Unsupported key format`)])
    expect(await whoami(ana(path, { keys: [{ path, required: false }, { path: `${path}.not-there`, required: false }, { path: sshd.key, required: false }] }))).toBe('ana\n')
  })

  it('that are refused are named by path and fingerprint, with what the host takes, and are not tried again', async () => {
    const path = join(folder(), 'id')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-f', path, '-N', ''])
    const print = execFileSync('ssh-keygen', ['-lf', path], { encoding: 'utf8' }).split(' ')[1]
    const before = sshd.log().length
    const error = await failing(open(ana(path, { connectRetries: 3 })))
    expect(error.code).toBe('AUTHENTICATION_FAILED')
    expect(error.message).toContain(`refused   ${path} (ssh-ed25519 ${print})`)
    expect(error.message).toMatch(/^it takes {2}publickey/m)
    expect(error.details?.['retry']).toBe(false)
    expect(sshd.log().slice(before).match(/Connection from/g)).toHaveLength(1)
  })

  it('of an agent let in, those of our files first', async () => {
    const path = await key('-t', 'ed25519')
    const others = await Promise.all([1, 2, 3, 4, 5, 6, 7].map(async () => {
      const other = join(folder(), 'id')
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-f', other, '-N', ''])
      return other
    }))
    const socket = await agent(...others, path)
    // The private half is with the agent alone.
    const publicOnly = join(folder(), 'id')
    copyFileSync(`${path}.pub`, `${publicOnly}.pub`)
    const keys = [{ path: publicOnly, required: false }]
    expect(await whoami(ana(path, { agent: socket, identitiesOnly: false, keys }))).toBe('ana\n')
    expect(await whoami(ana(path, { agent: socket, identitiesOnly: true, keys }))).toBe('ana\n')
    // A server gives up at the sixth.
    const error = await failing(open(ana(path, { agent: socket, identitiesOnly: false, keys: [] })))
    expect([error.code, error.hint]).toEqual(['AUTHENTICATION_FAILED', expect.stringContaining('Name the right one')])
    const none = await failing(open(ana(path, { agent: socket, identitiesOnly: true, keys: [] })))
    expect([none.code, none.hint]).toEqual(['AUTHENTICATION_FAILED', expect.stringContaining('No key was there to show')])
  })

  it('of every kind sign by an agent', async () => {
    for (const options of [['-t', 'rsa', '-b', '2048'], ['-t', 'ecdsa', '-b', '521']]) {
      const path = await key(...options)
      expect(await whoami(ana(path, { agent: await agent(path), identitiesOnly: false, keys: [] }))).toBe('ana\n')
    }
  })

  it('with a passphrase are signed for by an agent that has them', async () => {
    const path = await key('-t', 'ed25519')
    const socket = await agent(path)
    execFileSync('ssh-keygen', ['-q', '-p', '-f', path, '-P', '', '-N', 'open sesame'])
    expect(await whoami(ana(path, { agent: socket }))).toBe('ana\n')
  })

  it('are found without an agent that is not there', async () => {
    const socket = join(folder(), 'nothing')
    expect(await whoami(ana(sshd.key, { agent: socket, identitiesOnly: false }))).toBe('ana\n')
    const error = await failing(open(ana(sshd.key, { agent: socket, identitiesOnly: false, keys: [] })))
    expect(error.message).toContain(`not tried the agent at ${socket}`)
  })

  it('that only OpenSSH can use are named, with the transport that has them', async () => {
    const path = await key('-t', 'ed25519')
    const authority = join(folder(), 'ca')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-f', authority, '-N', ''])
    const certified = join(folder(), 'id')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-f', certified, '-N', ''])
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'ana', '-n', 'ana', `${certified}.pub`])
    expect(await failing(open(ana(certified)))).toMatchObject({ code: 'AUTHENTICATION_FAILED', hint: expect.stringContaining('ssh_transport: openssh') })
    // ssh-add takes the certificate along, and a key that is taken is enough.
    const socket = await agent(certified)
    const error = await failing(open(ana(path, { agent: socket, identitiesOnly: false, keys: [] })))
    expect([error.hint, error.message]).toEqual([expect.stringContaining('ssh_transport: openssh'), expect.stringContaining('ssh-ed25519-cert-v01@openssh.com is a kind of key that this transport cannot use')])
    expect(await whoami(ana(path, { agent: socket, identitiesOnly: false }))).toBe('ana\n')
  })

  it('are forwarded when it is asked for, and only then', async () => {
    const socket = await agent(sshd.key)
    const print = execFileSync('ssh-keygen', ['-lf', sshd.key], { encoding: 'utf8' }).split(' ')[1] as string
    const list = script('ssh-add -l 2>&1; echo "socket ${SSH_AUTH_SOCK:-none}"')
    const forwarding = await open(ana(sshd.key, { forwardAgent: socket }))
    expect((await run(forwarding, list)).stdout).toContain(print)
    expect((await run(forwarding, list)).stdout).toContain(print)
    expect((await run(await open(ana(sshd.key, { agent: socket })), list)).stdout).toContain('socket none')
  })

  it('are not forwarded to a host that does not take agents, which is no reason not to run anything', async () => {
    const closed = await startSshd({ config: 'AllowAgentForwarding no' })
    onTestFinished(() => closed.close())
    const connection = await open(settingsFor(closed, { forwardAgent: await agent(sshd.key) }))
    expect((await run(connection, sh`echo runs`)).stdout).toBe('runs\n')
  })
})
