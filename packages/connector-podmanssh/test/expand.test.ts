import type { HostReference } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import podmanssh from '../src/index.ts'

async function expand(argument: string, hostData: Record<string, unknown> = {}): Promise<HostReference[]> {
  const found: HostReference[] = []
  for await (const each of podmanssh.hosts!(argument, { ...pluginContext(), data: {}, hostData })) found.push(each)
  return found
}

describe('@podmanssh', () => {
  afterEach(() => vi.unstubAllEnvs())

  it.each([
    ['far:web', '@ssh/far/@podman/web'],
    ['ci@[::1]:debian:12', '@ssh/ci@[::1]/@podman/debian:12'],
  ])('%s is %s', async (argument, name) => {
    expect(await expand(argument)).toEqual([{ name }])
  })

  it('without a host is on that of CONTAINER_HOST, with its user, port and service', async () => {
    vi.stubEnv('CONTAINER_HOST', 'ssh://ana@far:2222/run/podman/podman.sock')
    expect(await expand('web')).toEqual([{ name: '@ssh/far/@podman/web', data: { ssh_user: 'ana', ssh_port: 2222, podman_url: 'unix:///run/podman/podman.sock' } }])
  })

  it('without a host is on ssh_hostname of its data, whatever CONTAINER_HOST says', async () => {
    vi.stubEnv('CONTAINER_HOST', 'ssh://elsewhere')
    expect(await expand('web', { ssh_hostname: 'build.example.net' })).toEqual([{ name: '@ssh/build.example.net/@podman/web' }])
  })

  it.each(['', 'unix:///run/podman/podman.sock'])('without a host, and with CONTAINER_HOST=%s, is an error that shows both spellings', async (place) => {
    vi.stubEnv('CONTAINER_HOST', place)
    await expect(expand('web')).rejects.toMatchObject({
      code: 'PODMANSSH_HOST',
      message: 'No host is named, and CONTAINER_HOST has none that is reached by ssh.',
      hint: "Write @podmanssh/HOST:web. Or @podmanssh/web where the host's data have ssh_hostname, or CONTAINER_HOST is ssh://USER@HOST.",
    })
  })
})
