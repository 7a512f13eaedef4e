import { existsSync } from 'node:fs'
import { applyWith, connectorRunSuite, connectorSuite, installPodman, noPodman, pluginContext, startSshd } from '@chaos/testkit'
import type { Applied, Podman, Sshd } from '@chaos/testkit'
import type { Connection, ConnectorContext, HostReference } from '@chaos/core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import local from '../../connector-local/src/index.ts'
import podman from '../../connector-podman/src/index.ts'
import { files } from '../../operations/src/index.ts'
import ssh from '../../connector-ssh/src/index.ts'
import roleFiles from '../../role-files/src/index.ts'
import podmanssh from '../src/index.ts'

const reason = noPodman()
const rootless = reason ?? (existsSync('/usr/bin/newuidmap') ? undefined : 'needs newuidmap')
// Each command starts several programs, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 })

describe.skipIf(reason !== undefined)(`podman of an ssh host${reason === undefined ? '' : ` (${reason})`}`, () => {
  let sshd: Sshd
  let installed: Podman
  let login: Record<string, unknown>

  const apply = (hosts: readonly HostReference[]): Promise<Applied> =>
    applyWith({
      hosts,
      roles: { files: roleFiles },
      desired: { files: [{ path: '/srv/page', content: 'over ssh\n', owner: '1000', mode: '0640' }] },
      load: async (_, name) => ({ podmanssh, ssh, podman, local })[name],
    })
  const handshakes = (): number => sshd.log().split('Accepted publickey').length - 1

  beforeAll(async () => {
    sshd = await startSshd({ users: { ana: {} } })
    installed = await installPodman(sshd)
    await installed.image('team/base:1')
    await installed.podman('run', '--detach', '--name', 'web', '--network', 'none', 'team/base:1', 'sleep', '1000')
    login = { ssh_hostname: sshd.host, ssh_port: sshd.port, ssh_user: 'root', ssh_key: sshd.key, ssh_known_hosts_file: sshd.knownHosts, ssh_config_file: '/dev/null' }
  })
  afterEach(() => vi.unstubAllEnvs())
  afterAll(async () => {
    await installed?.close()
    await sshd?.close()
  })

  async function openStack(): Promise<Connection> {
    const context = { ...pluginContext(), base: await local.open!({ host: '@local', argument: '', data: {}, below: [] }, {} as ConnectorContext) }
    const below = await ssh.open!({ host: '@ssh/far', argument: 'far', data: login, below: [] }, context)
    const connection = await podman.open!({ host: '@ssh/far/@podman/web', argument: 'web', data: {}, below: ['@ssh/far'] }, { ...context, base: below })
    return {
      ...connection,
      async close(end) {
        await connection.close(end)
        await below.close(end)
      },
    }
  }

  connectorSuite({ name: '@ssh/HOST/@podman/web', open: openStack, terminal: true, describe, it })

  const inWeb = (text: string): Promise<string> => installed.podman('exec', '--user', '0', 'web', 'sh', '-c', text)
  const host = (): HostReference => ({ name: '@podmanssh/far:web', data: login })
  connectorRunSuite({ name: '@podmanssh/far:web', host, connectors: { podmanssh, ssh, podman, local }, look: inWeb, owned: 1000, files, describe, it })

  it('@podmanssh reaches a container, whose second run changes nothing, and leaves it as it was', async () => {
    const web = { name: '@podmanssh/far:web', data: { ...login, podman_user: '0', podman_commit: 'never:made' } }
    const first = await apply([web])
    expect([first.errors, first.hosts.map(({ host: name, state }) => [name, state])]).toEqual([[], [['@ssh/far/@podman/web', 'changed']]])
    expect((await apply([web])).hosts).toMatchObject([{ state: 'ok', exchanges: 2 }])
    expect(await installed.podman('exec', 'web', 'stat', '-c', '%u %a', '/srv/page')).toBe('1000 640\n')
    expect(await installed.podman('images', '--quiet', '--filter', 'reference=never')).toBe('')
  })

  it('@podmanssh makes an image of one there, by the keys of podman', async () => {
    const image = { name: '@podmanssh/far:team/base:1', data: { ...login, podman_network: 'none', podman_commit: 'team/made:2' } }
    expect((await apply([image])).errors).toEqual([])
    expect(await installed.podman('ps', '--all', '--format', '{{.Names}}')).toBe('web\n')
    expect(await installed.podman('run', '--rm', '--network', 'none', 'team/made:2', 'cat', '/srv/page')).toBe('over ssh\n')
  })

  describe.skipIf(rootless !== undefined)(`without root${rootless === undefined ? '' : ` (${rootless})`}`, () => {
    const asAna = (command: string): Promise<string> => sshd.run(`su ana -c 'cd; ${command}'`)

    it('@podmanssh reaches the containers of the user who logs in, and makes an image among theirs', async () => {
      await sshd.run('podman save --quiet --output /tmp/image.tar team/base:1; chmod 644 /tmp/image.tar')
      await asAna('podman load --quiet --input /tmp/image.tar; for each in mine two three four five; do podman run --detach --name $each --network none team/base:1 sleep 1000; done')
      const data = { ...login, ssh_user: 'ana', podman_network: 'none', podman_commit: 'team/made:3' }
      const before = handshakes()
      const applied = await apply(['mine', 'two', 'three', 'four', 'five', 'team/base:1'].map((name) => ({ name: `@podmanssh/far:${name}`, data })))
      expect([applied.errors, applied.hosts.map(({ state }) => state)]).toEqual([[], Array.from({ length: 6 }, () => 'changed')])
      // Sessions would take a second one: theirs goes through tunnels.
      expect(handshakes() - before).toBe(1)
      expect(await asAna('podman exec mine cat /srv/page; podman images --quiet team/made:3 | wc -l; podman ps --all --quiet | wc -l')).toBe('over ssh\n1\n5\n')
      expect(await installed.podman('images', '--quiet', 'team/made:3')).toBe('')
      await asAna('podman rm --all --force --time 0')
    })
  })

  it.each(['CONTAINER_HOST', 'ssh_hostname'])('@podmanssh goes to the host of %s when it names none', async (from) => {
    const { ssh_hostname: hostname, ...data } = login
    if (from === 'CONTAINER_HOST') vi.stubEnv('CONTAINER_HOST', `ssh://root@${sshd.host}`)
    const applied = await apply([{ name: '@podmanssh/web', data: from === 'ssh_hostname' ? { ...data, ssh_hostname: hostname } : data }])
    expect([applied.errors, applied.hosts.map(({ host }) => host)]).toEqual([[], [`@ssh/${sshd.host}/@podman/web`]])
  })

  it('works in 20 containers of one host with sshd’s defaults', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `many${index}`)
    for (const name of names) await installed.podman('run', '--detach', '--name', name, '--network', 'none', 'team/base:1', 'sleep', '1000')
    const before = handshakes()
    const applied = await apply(names.map((name) => ({ name: `@podmanssh/far:${name}`, data: login })))
    expect([applied.errors, applied.hosts.map(({ state }) => state)]).toEqual([[], names.map(() => 'changed')])
    expect(handshakes() - before).toBe(1)
    await installed.podman('rm', '--force', '--time', '0', ...names)
  })
})
