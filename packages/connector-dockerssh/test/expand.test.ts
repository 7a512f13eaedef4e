import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostReference } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import dockerssh from '../src/index.ts'

async function expand(argument: string, hostData: Record<string, unknown> = {}): Promise<HostReference[]> {
  const found: HostReference[] = []
  for await (const each of dockerssh.hosts!(argument, { ...pluginContext(), data: {}, hostData })) found.push(each)
  return found
}

describe('@dockerssh', () => {
  let config: string
  beforeEach(() => {
    config = mkdtempSync(join(tmpdir(), 'chaos-docker-config-'))
    vi.stubEnv('DOCKER_CONFIG', config)
    vi.stubEnv('DOCKER_CONTEXT', '')
    vi.stubEnv('DOCKER_HOST', '')
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(config, { recursive: true })
  })

  it.each([
    ['build.example.net:my_docker_container', '@ssh/build.example.net/@docker/my_docker_container'],
    ['far:debian:12', '@ssh/far/@docker/debian:12'],
    ['ci@far:web', '@ssh/ci@far/@docker/web'],
    ['[2001:db8::1]:web', '@ssh/[2001:db8::1]/@docker/web'],
    ['ci@[::1]:team/app', '@ssh/ci@[::1]/@docker/team/app'],
    ['far:registry:5000/team/app:1', '@ssh/far/@docker/registry:5000/team/app:1'],
    ['far:team/@odd', '@ssh/far/@docker/team/%40odd'],
  ])('%s is %s', async (argument, name) => {
    // Which is not asked, where a host is named.
    vi.stubEnv('DOCKER_HOST', 'ssh://elsewhere')
    expect(await expand(argument)).toEqual([{ name }])
  })

  it('without a host is on that of DOCKER_HOST, with its user, port and socket', async () => {
    vi.stubEnv('DOCKER_HOST', 'ssh://ana@far:2222/run/user/1000/docker.sock')
    const data = { ssh_user: 'ana', ssh_port: 2222, docker_socket: '/run/user/1000/docker.sock' }
    expect(await expand('web')).toEqual([{ name: '@ssh/far/@docker/web', data }])
    expect(await expand('team/app:1')).toEqual([{ name: '@ssh/far/@docker/team/app:1', data }])
  })

  it.each([
    ['build.example.net', '@ssh/build.example.net/@docker/web'],
    ['2001:db8::1', '@ssh/[2001:db8::1]/@docker/web'],
  ])('without a host is on %s when that is ssh_hostname of its data, whatever DOCKER_HOST says', async (host, name) => {
    vi.stubEnv('DOCKER_HOST', 'ssh://elsewhere')
    expect(await expand('web', { ssh_hostname: host })).toEqual([{ name }])
    expect(await expand('far:web', { ssh_hostname: host })).toEqual([{ name: '@ssh/far/@docker/web' }])
  })

  it('without a host is on that of the docker context', async () => {
    const meta = join(config, 'contexts/meta', createHash('sha256').update('remote').digest('hex'))
    mkdirSync(meta, { recursive: true })
    writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Name: 'remote', Endpoints: { docker: { Host: 'ssh://far' } } }))
    writeFileSync(join(config, 'config.json'), JSON.stringify({ currentContext: 'remote' }))
    expect(await expand('web')).toEqual([{ name: '@ssh/far/@docker/web', data: {} }])
  })

  it.each(['', 'unix:///var/run/docker.sock', 'tcp://far:2375'])('without a host, and with DOCKER_HOST=%s, is an error that shows both spellings', async (place) => {
    vi.stubEnv('DOCKER_HOST', place)
    await expect(expand('web')).rejects.toMatchObject({
      code: 'DOCKERSSH_HOST',
      message: 'No host is named, and DOCKER_HOST or the docker context has none that is reached by ssh.',
      hint: "Write @dockerssh/HOST:web. Or @dockerssh/web where the host's data have ssh_hostname, or DOCKER_HOST or the docker context is ssh://USER@HOST.",
    })
    // What is no name of a host, ssh itself would refuse with less to say.
    await expect(expand('web', { ssh_hostname: 'ana@far/x' })).rejects.toMatchObject({ code: 'DOCKERSSH_HOST' })
  })

  it.each(['', ':web', 'far:', '[::1]:', ':'])('%j names no container and host, whatever DOCKER_HOST says', async (argument) => {
    vi.stubEnv('DOCKER_HOST', 'ssh://far')
    await expect(expand(argument)).rejects.toMatchObject({ code: 'DOCKERSSH_HOST', hint: expect.stringContaining('@dockerssh/HOST:NAME') })
  })
})
