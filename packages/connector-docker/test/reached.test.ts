import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { applyWith, connectorSuite, noDocker, noSshd, pluginContext, startDocker, startSshd } from '@chaos/testkit'
import type { Applied, DockerEngine, Sshd } from '@chaos/testkit'
import type { Connection, ConnectorContext, HostReference } from '@chaos/core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import local from '../../connector-local/src/index.ts'
import ssh from '../../connector-ssh/src/index.ts'
import roleFiles from '../../role-files/src/index.ts'
import docker from '../src/index.ts'
import { openDocker, say } from './support.ts'

const reason = noDocker() ?? noSshd()
/** Milliseconds that 20 containers may take on a busy machine. */
const MANY = 240_000
let engine: DockerEngine
let sshd: Sshd
const servers: Server[] = []

/** Passes what comes at a server on to the engine, both halves. */
function toEngine(server: Server): Server {
  servers.push(server)
  return server.on(server.constructor.name === 'Server' && 'setSecureContext' in server ? 'secureConnection' : 'connection', (socket) => {
    const far = connect({ path: engine.socket, allowHalfOpen: true })
    for (const each of [socket, far]) each.on('error', () => each.destroy())
    socket.pipe(far)
    far.pipe(socket)
  })
}

const apply = (hosts: readonly HostReference[]): Promise<Applied> =>
  applyWith({
    hosts,
    roles: { files: roleFiles },
    desired: { files: [{ path: '/srv/page', content: 'over all of it\n', mode: '0640' }] },
    load: async (_, name) => ({ ssh, docker, local })[name],
  })

describe.skipIf(reason !== undefined)(`engines that are far away${reason === undefined ? '' : ` (${reason})`}`, () => {
  let login: Record<string, unknown>

  beforeAll(async () => {
    ;[engine, sshd] = await Promise.all([startDocker(), startSshd()])
    await engine.image('busybox')
    await engine.docker('run', '--detach', '--name', 'web', '--network', 'none', 'busybox', 'sleep', '1000')
    // The engine's socket where that machine looks for it: its files are seen from here below its first process.
    const root = `/proc/${sshd.enter[sshd.enter.indexOf('--target') + 1]}/root`
    await once(toEngine(createServer({ allowHalfOpen: true })).listen(`${root}/run/docker.sock`), 'listening')
    login = { ssh_hostname: sshd.host, ssh_port: sshd.port, ssh_user: 'root', ssh_key: sshd.key, ssh_known_hosts_file: sshd.knownHosts, ssh_config_file: '/dev/null' }
  })
  afterEach(() => vi.unstubAllEnvs())
  afterAll(async () => {
    for (const server of servers) server.close()
    await Promise.all([engine?.close(), sshd?.close()])
  })

  describe('over ssh', () => {
    async function openStack(): Promise<Connection> {
      const context = { ...pluginContext(), base: await local.open!({ host: '@local', argument: '', data: {}, below: [] }, {} as ConnectorContext) }
      const below = await ssh.open!({ host: '@ssh/far', argument: 'far', data: login, below: [] }, context)
      const connection = await docker.open!({ host: '@ssh/far/@docker/web', argument: 'web', data: {}, below: ['@ssh/far'] }, { ...context, base: below })
      return {
        ...connection,
        async close(end) {
          await connection.close(end)
          await below.close(end)
        },
      }
    }

    connectorSuite({ name: '@ssh/HOST/@docker/web', open: openStack, terminal: true, describe, it })

    it('20 containers behind one sshd with its defaults take one ssh connection', async () => {
      const names = Array.from({ length: 20 }, (_, index) => `far${index}`)
      await Promise.all(names.map((name) => engine.docker('run', '--detach', '--name', name, '--network', 'none', 'busybox', 'sleep', '1000')))
      const before = sshd.log().split('Accepted publickey').length
      const applied = await apply(names.map((name) => ({ name: `@ssh/far/@docker/${name}`, data: login })))
      expect([applied.errors, applied.hosts.map(({ state }) => state)]).toEqual([[], names.map(() => 'changed')])
      expect(sshd.log().split('Accepted publickey').length - before).toBe(1)
      expect(await engine.docker('exec', 'far7', 'cat', '/srv/page')).toBe('over all of it\n')
      await engine.docker('rm', '--force', ...names)
    }, MANY)

    it('does not go where DOCKER_HOST of this machine says', async () => {
      vi.stubEnv('DOCKER_HOST', 'unix:///nowhere')
      expect((await apply([{ name: '@ssh/far/@docker/web', data: login }])).errors).toEqual([])
    })

    it('is where DOCKER_HOST=ssh://… leads, through our own ssh', async () => {
      vi.stubEnv('DOCKER_HOST', 'ssh://root@far')
      const applied = await apply([{ name: '@docker/web', data: { ...login, docker_user: 'root' } }])
      expect([applied.errors, applied.hosts.map(({ host }) => host)]).toEqual([[], ['@ssh/far/@docker/web']])
    })

    it('keeps what DOCKER_HOST=ssh://… says of user, port and socket', async () => {
      vi.stubEnv('DOCKER_HOST', 'ssh://ana@far:2222/run/user/1000/docker.sock')
      const found: HostReference[] = []
      for await (const each of docker.hosts!('web', { ...pluginContext(), data: {}, hostData: {} })) found.push(each)
      expect(found).toEqual([{ name: '@ssh/far/@docker/web', data: { ssh_user: 'ana', ssh_port: 2222, docker_socket: '/run/user/1000/docker.sock' } }])
    })

    it('says what to write when a stack cannot be expanded', async () => {
      vi.stubEnv('DOCKER_HOST', 'ssh://far')
      await expect(openDocker('web', {})).rejects.toMatchObject({ code: 'DOCKER_HOST', hint: 'Write @ssh/far/@docker/NAME.' })
    })

    it('says that there is no engine, and on which machine', async () => {
      const applied = await apply([{ name: '@ssh/far/@docker/web', data: { ...login, docker_socket: '/run/nothing.sock' } }])
      expect(applied.hosts[0]).toMatchObject({ state: 'unreachable', error: { code: 'ENGINE_UNREACHABLE', message: expect.stringContaining('/run/nothing.sock') } })
    })
  })

  describe('from where there are no tunnels', () => {
    async function withoutTunnel(): Promise<Connection> {
      const { dial: _, ...base } = await local.open!({ host: '@local', argument: '', data: {}, below: [] }, {} as ConnectorContext)
      return base
    }

    it('is reached through the program docker', async () => {
      const base = await withoutTunnel()
      const connection = await openDocker('web', { docker_socket: engine.socket }, pluginContext(), base)
      expect(await say(connection, 'read line; echo "[$line]"; exit 3')).toBe('[]\ncode 3')
      await connection.close({ outcome: 'done' })
      await base.close({ outcome: 'done' })
    })

    it('is an error that has what that program says, when it does not reach it', async () => {
      const base = await withoutTunnel()
      const there = { host: '@chroot/x/@docker/web', argument: 'web', data: { docker_socket: '/nowhere.sock' }, below: ['@chroot/x'] }
      await expect(docker.open!(there, { ...pluginContext(), base })).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE', message: expect.stringContaining('/nowhere.sock') })
      await base.close({ outcome: 'done' })
    })

    it('is an error at a port', async () => {
      vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:1')
      await expect(openDocker('web', {}, pluginContext(), await withoutTunnel())).rejects.toMatchObject({ code: 'CONNECTION_NO_DIAL' })
    })
  })

  describe('at a port', () => {
    it('is reached by DOCKER_HOST=tcp://…', async () => {
      const server = toEngine(createServer({ allowHalfOpen: true })).listen(0, '127.0.0.1')
      await once(server, 'listening')
      vi.stubEnv('DOCKER_HOST', `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`)
      expect((await apply([{ name: '@docker/web' }])).errors).toEqual([])
    })

    describe.skipIf(!existsSync('/usr/bin/openssl'))('with TLS (needs openssl)', () => {
      let folder: string
      let port: number
      beforeAll(async () => {
        folder = mkdtempSync(join(tmpdir(), 'chaos-tls-'))
        makeCertificates(folder)
        const read = (name: string): Buffer => readFileSync(join(folder, name))
        const options = { ca: read('ca.pem'), cert: read('server.pem'), key: read('server-key.pem'), requestCert: true, rejectUnauthorized: true, allowHalfOpen: true }
        const server = toEngine(createTlsServer(options)).listen(0, '127.0.0.1')
        await once(server, 'listening')
        port = (server.address() as AddressInfo).port
      })
      afterAll(() => rmSync(folder, { recursive: true }))

      it('shows its certificate and checks that of the engine', async () => {
        vi.stubEnv('DOCKER_HOST', `tcp://localhost:${port}`)
        vi.stubEnv('DOCKER_TLS_VERIFY', '1')
        vi.stubEnv('DOCKER_CERT_PATH', folder)
        const connection = await openDocker('web', {}, pluginContext(), await local.open!({ host: '@local', argument: '', data: {}, below: [] }, {} as ConnectorContext))
        expect(await say(connection, 'read line; echo "[$line]"; exit 3')).toBe('[]\ncode 3')
        await connection.close({ outcome: 'done' })
      })

      it('refuses an engine that is not the one it says', async () => {
        vi.stubEnv('DOCKER_HOST', `tcp://127.0.0.1:${port}`)
        vi.stubEnv('DOCKER_TLS_VERIFY', '1')
        vi.stubEnv('DOCKER_CERT_PATH', folder)
        expect((await apply([{ name: '@docker/web' }])).hosts[0]).toMatchObject({ state: 'unreachable', error: { code: 'ENGINE_UNREACHABLE', message: expect.stringMatching(/altname|does not match/i) } })
      })
    })
  })
})

/** An authority, and certificates of it for the engine, as localhost, and for us. */
function makeCertificates(folder: string): void {
  const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const request = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  openssl('req', '-x509', ...request, '-keyout', 'ca-key.pem', '-out', 'ca.pem', '-subj', '/CN=authority')
  for (const [name, file] of [['server', 'server'], ['client', '']] as const) {
    const [key, cert] = file === '' ? ['key.pem', 'cert.pem'] : [`${file}-key.pem`, `${file}.pem`]
    openssl('req', '-x509', ...request, '-keyout', key, '-out', cert, '-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost', '-CA', 'ca.pem', '-CAkey', 'ca-key.pem')
  }
}
