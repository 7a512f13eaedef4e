import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Server } from 'node:net'
import { applyWith, connectorRunSuite, connectorSuite, noDocker, noSshd, pluginContext, startDocker, startSshd } from '@chaos/testkit'
import type { Applied, DockerEngine, Sshd } from '@chaos/testkit'
import type { Connection, ConnectorContext, HostReference } from '@chaos/core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import chroot from '../../connector-chroot/src/index.ts'
import docker from '../../connector-docker/src/index.ts'
import local from '../../connector-local/src/index.ts'
import { files } from '../../operations/src/index.ts'
import ssh from '../../connector-ssh/src/index.ts'
import roleFiles from '../../role-files/src/index.ts'
import dockerssh from '../src/index.ts'

const reason = noDocker() ?? noSshd()
// A busy machine takes its time for an engine, and for 20 containers.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 })

describe.skipIf(reason !== undefined)(`apply by @dockerssh${reason === undefined ? '' : ` (${reason})`}`, () => {
  let engine: DockerEngine
  let sshd: Sshd
  let server: Server
  let login: Record<string, unknown>

  const apply = (hosts: readonly HostReference[], options: object = {}): Promise<Applied> =>
    applyWith({
      hosts,
      roles: { files: roleFiles },
      desired: { files: [{ path: '/srv/page', content: 'over ssh\n', owner: '1000', mode: '0640' }] },
      load: async (_, name) => ({ dockerssh, ssh, docker, chroot, local })[name],
      ...options,
    })
  const containers = async (): Promise<string[]> => (await engine.docker('ps', '--all', '--format', '{{.Names}} {{.State}}')).split('\n').filter(Boolean)

  beforeAll(async () => {
    ;[engine, sshd] = await Promise.all([startDocker(), startSshd()])
    await engine.image('team/base:1')
    await engine.docker('run', '--detach', '--name', 'web', '--network', 'none', 'team/base:1', 'sleep', '1000')
    // The engine's socket where that machine looks for it: its files are seen from here below its first process.
    server = createServer({ allowHalfOpen: true }, (socket) => {
      const far = connect({ path: engine.socket, allowHalfOpen: true })
      for (const each of [socket, far]) each.on('error', () => each.destroy())
      socket.pipe(far).pipe(socket)
    })
    const target = sshd.enter[sshd.enter.indexOf('--target') + 1]
    await once(server.listen(`/proc/${target}/root/run/docker.sock`), 'listening')
    login = { ssh_hostname: sshd.host, ssh_port: sshd.port, ssh_user: 'root', ssh_key: sshd.key, ssh_known_hosts_file: sshd.knownHosts, ssh_config_file: '/dev/null' }
  })
  afterEach(() => vi.unstubAllEnvs())
  afterAll(async () => {
    server?.close()
    await Promise.all([engine?.close(), sshd?.close()])
  })

  const connectors = { dockerssh, ssh, docker, chroot, local }
  const lookIn = (name: string, ...before: readonly string[]) => (text: string): Promise<string> => engine.docker('exec', '--user', '0', name, ...before, 'sh', '-c', text)
  connectorRunSuite({ name: '@dockerssh/far:web', host: () => ({ name: '@dockerssh/far:web', data: login }), connectors, look: lookIn('web'), owned: 1000, files, describe, it })

  it('reaches a container, whose second run changes nothing, and leaves it as it was', async () => {
    const host = { name: '@dockerssh/far:web', data: { ...login, docker_user: '0', docker_commit: 'never:made' } }
    const first = await apply([host])
    expect([first.errors, first.hosts.map(({ host: name, state }) => [name, state])]).toEqual([[], [['@ssh/far/@docker/web', 'changed']]])
    expect((await apply([host])).hosts).toMatchObject([{ state: 'ok', exchanges: 2 }])
    expect(await engine.docker('exec', 'web', 'stat', '-c', '%u %a', '/srv/page')).toBe('1000 640\n')
    expect(await containers()).toEqual(['web running'])
    expect(await engine.docker('images', '--quiet', 'never')).toBe('')
  })

  it('makes an image of one there, by the keys of docker', async () => {
    const host = { name: '@dockerssh/root@far:team/base:1', data: { ...login, docker_network: 'none', docker_commit: 'team/made:2' } }
    const applied = await apply([host])
    expect([applied.errors, await containers()]).toEqual([[], ['web running']])
    expect(await engine.docker('run', '--rm', '--network', 'none', 'team/made:2', 'cat', '/srv/page')).toBe('over ssh\n')
  })

  it('goes to the host of DOCKER_HOST when it names none', async () => {
    vi.stubEnv('DOCKER_HOST', `ssh://root@${sshd.host}`)
    const { ssh_hostname: _, ...data } = login
    const applied = await apply([{ name: '@dockerssh/web', data }])
    expect([applied.errors, applied.hosts.map(({ host }) => host)]).toEqual([[], [`@ssh/${sshd.host}/@docker/web`]])
  })

  it('goes to ssh_hostname of its data or its groups when it names none', async () => {
    const { ssh_hostname: hostname, ...data } = login
    const applied = await apply([{ name: '@dockerssh/web', data, groups: ['far'] }], { groups: { far: { data: { ssh_hostname: hostname } } } })
    expect([applied.errors, applied.hosts.map(({ host }) => host)]).toEqual([[], [`@ssh/${sshd.host}/@docker/web`]])
  })

  it('ends the run as wrong usage when nobody says which host', async () => {
    vi.stubEnv('DOCKER_HOST', `unix://${engine.socket}`)
    const { ssh_hostname: _, ...data } = login
    await expect(apply([{ name: '@dockerssh/web', data }])).rejects.toMatchObject({ code: 'DOCKERSSH_HOST', host: '@dockerssh/web' })
  })

  it('works in 20 containers of one host by one ssh handshake', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `many${index}`)
    await Promise.all(names.map((name) => engine.docker('run', '--detach', '--name', name, '--network', 'none', 'team/base:1', 'sleep', '1000')))
    const before = sshd.log().split('Accepted publickey').length
    const applied = await apply(names.map((name) => ({ name: `@dockerssh/far:${name}`, data: login })))
    expect([applied.errors, applied.hosts.map(({ state }) => state)]).toEqual([[], names.map(() => 'changed')])
    expect(sshd.log().split('Accepted publickey').length - before).toBe(1)
    await engine.docker('rm', '--force', ...names)
  })
  describe('a root in a container', () => {
    beforeAll(async () => {
      // Its first process takes in what lost its parent: in a root without /proc nobody sees that a zombie is one.
      await engine.docker('run', '--detach', '--name', 'outer', '--network', 'none', 'team/base:1', 'sh', '-c', 'while sleep 1000 & wait $!; do :; done')
      await engine.docker('exec', 'outer', 'sh', '-c', 'mkdir -p /srv/root/tmp /srv/root/srv /srv/root/dev && cp -a /bin /etc /srv/root/ && mknod -m 666 /srv/root/dev/null c 1 3')
    })
    afterAll(() => engine.docker('rm', '--force', 'outer'))


    async function openStack(): Promise<Connection> {
      const context = { ...pluginContext(), base: await local.open!({ host: '@local', argument: '', data: {}, below: [] }, {} as ConnectorContext) }
      const below = await docker.open!({ host: '@docker/outer', argument: 'outer', data: { docker_socket: engine.socket }, below: [] }, context)
      const connection = await chroot.open!({ host: '@docker/outer/@chroot/srv/root', argument: 'srv/root', data: {}, below: ['@docker/outer'] }, { ...context, base: below })
      return {
        ...connection,
        async close(end) {
          await connection.close(end)
          await below.close(end)
        },
      }
    }

    connectorSuite({ name: '@docker/outer/@chroot/srv/root', open: openStack, describe, it })
    const stacked = (): HostReference => ({ name: '@ssh/far/@docker/outer/@chroot/srv/root', data: login })
    const look = lookIn('outer', 'chroot', '/srv/root')
    connectorRunSuite({ name: '@ssh/far/@docker/outer/@chroot/srv/root', host: stacked, connectors, look, owned: 1000, files, describe, it })

    it('is reached through all three, and the second run changes nothing', async () => {
      const host = { name: '@ssh/far/@docker/outer/@chroot/srv/root', data: login }
      const first = await apply([host])
      expect([first.errors, first.hosts[0]?.state]).toEqual([[], 'changed'])
      expect((await apply([host])).hosts).toMatchObject([{ state: 'ok', exchanges: 2 }])
      expect(await engine.docker('exec', 'outer', 'stat', '-c', '%u %a', '/srv/root/srv/page')).toBe('1000 640\n')
      expect(await engine.docker('top', 'outer', '-o', 'pid,args')).not.toContain('chroot')
    })
  })
})
