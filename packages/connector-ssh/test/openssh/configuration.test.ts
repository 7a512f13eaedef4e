import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { sh } from '@chaos/core'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTo, run, scratch, settingsFor, until } from './open-to.ts'
import type { Scratch } from './open-to.ts'

const missing = noSshd()

describe.skipIf(missing !== undefined)(`the openssh transport and what is configured (${missing ?? 'a real sshd'})`, () => {
  let sshd: Sshd
  let temporary: Scratch
  let own: string

  beforeAll(async () => {
    own = mkdtempSync(join(tmpdir(), 'chaos-own-'))
    sshd = await startSshd()
  })
  afterAll(async () => {
    await sshd.close()
    rmSync(own, { recursive: true })
  })
  beforeEach(() => {
    temporary = scratch()
  })
  afterEach(() => temporary.remove())

  it('reads paths that hold whatever a path may hold', async () => {
    const odd = join(own, `a b%h%%"c\\d'é \t#e`)
    mkdirSync(odd)
    const [key, known] = [join(odd, 'key file'), join(odd, 'known %p')]
    copyFileSync(sshd.key, key)
    chmodSync(key, 0o600)
    copyFileSync(sshd.knownHosts, known)
    const connection = await openTo(sshd, { keys: [{ path: key, required: true }], knownHosts: [join(odd, 'none'), known] })
    expect((await run(connection, sh`echo in`)).stdout).toBe('in\n')
    await connection.close({ outcome: 'done' })
  })

  it('is not led astray by a configuration that is made for a person', async () => {
    const configFile = join(own, 'config')
    const touched = join(own, 'touched')
    writeFileSync(
      configFile,
      `Host *
  ControlMaster auto
  ControlPath ${own}/shared
  ControlPersist 10m
  RemoteCommand tmux attach
  RequestTTY force
  LocalForward 127.0.0.1:1 127.0.0.1:1
  RemoteForward 127.0.0.1:1 127.0.0.1:1
  PermitLocalCommand yes
  LocalCommand touch ${touched}
  LogLevel QUIET
  StrictHostKeyChecking no
  UserKnownHostsFile ${own}/other
  ProxyJump nowhere.invalid
  ForwardX11 yes
  VisualHostKey yes
  BatchMode no
  ConnectionAttempts 5
`,
    )
    const connection = await openTo(sshd, { configFile })
    expect((await run(connection, sh`test ! -t 0; echo $?`)).stdout).toBe('0\n')
    await connection.close({ outcome: 'done' })
    expect([touched, join(own, 'shared'), join(own, 'other')].filter((file) => existsSync(file))).toEqual([])
  })

  it('logs in with a key of the agent, and lets the host use another agent', async () => {
    const agents = [join(own, 'agent'), join(own, 'forwarded agent')] as const
    const running = agents.map((socket) => spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' }))
    try {
      // They have their files before they listen (flag 00010000).
      await until(() => agents.every((socket) => readFileSync('/proc/net/unix', 'utf8').split('\n').some((line) => line.includes(' 00010000 ') && line.endsWith(socket))))
      const other = join(own, 'other-key')
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'of the second agent', '-f', other])
      execFileSync('ssh-add', ['-q', sshd.key], { env: { ...process.env, SSH_AUTH_SOCK: agents[0] }, stdio: 'ignore' })
      execFileSync('ssh-add', ['-q', other], { env: { ...process.env, SSH_AUTH_SOCK: agents[1] }, stdio: 'ignore' })
      const connection = await openTo(sshd, { keys: [], identitiesOnly: false, agent: agents[0], forwardAgent: agents[1] })
      expect((await run(connection, sh`ssh-add -l`)).stdout).toMatch(/^256 SHA256:\S+ of the second agent \(ED25519\)\n$/)
      await connection.close({ outcome: 'done' })
      const closed = await openTo(sshd, { keys: [], identitiesOnly: false, agent: agents[0] })
      expect((await run(closed, sh`echo "[$SSH_AUTH_SOCK]"`)).stdout).toBe('[]\n')
      await closed.close({ outcome: 'done' })
    } finally {
      const ended = running.map((agent) => once(agent, 'exit'))
      for (const agent of running) agent.kill()
      await Promise.all(ended)
    }
  })

  it('lives through new keys in the middle, and answers a host that asks whether it is there', async () => {
    const asking = await startSshd({ config: 'ClientAliveInterval 1\nClientAliveCountMax 3\nRekeyLimit 1M' })
    const configFile = join(own, 'rekey')
    writeFileSync(configFile, 'Host *\n  RekeyLimit 1M\n')
    const connection = await openTo(asking, { configFile })
    const waiting = run(connection, sh`sleep 6; echo still`)
    const bytes = Buffer.from(Array.from({ length: 9_000_000 }, (_, index) => (index * 7 + (index >> 8)) % 256))
    const cat = await connection.spawn(sh`cat`)
    cat.stdin.end(bytes)
    expect((await buffer(cat.stdout)).equals(bytes)).toBe(true)
    expect((await waiting).stdout).toBe('still\n')
    await connection.close({ outcome: 'done' })
    await asking.close()
  })

  it('hears that a host has gone silent, and says so', async () => {
    const far = await startSshd({ network: true })
    const bin = join(own, 'bin')
    mkdirSync(bin)
    // An ssh of the other end of the link.
    writeFileSync(join(bin, 'ssh'), `#!/bin/sh\nexec ${far.client.join(' ')} /usr/bin/ssh "$@"\n`, { mode: 0o755 })
    const path = process.env['PATH']
    process.env['PATH'] = `${bin}:${path}`
    try {
      const connection = await openTo(far, { keepAlive: { interval: 1, count: 2 } })
      const running = await connection.spawn(sh`echo ready; exec sleep 300`)
      await once(running.stdout, 'data')
      await far.link('down')
      const error = await running.exit.catch((caught: unknown) => caught)
      expect(error).toMatchObject({ code: 'CONNECTION_LOST', message: expect.stringContaining('not responding') })
      await connection.close({ outcome: 'failed' })
    } finally {
      process.env['PATH'] = path
      await far.close()
    }
  })

  it('looks sections up by the name that follows ssh', async () => {
    const configFile = join(own, 'named')
    writeFileSync(configFile, `Host db1\n  IdentityFile ${sshd.key}\n`)
    const { hostname } = settingsFor(sshd)
    const connection = await openTo(sshd, { name: 'db1', hostname, keys: [{ path: join(own, 'none'), required: false }], configFile })
    expect((await run(connection, sh`echo in`)).stdout).toBe('in\n')
    await connection.close({ outcome: 'done' })
  })
})
