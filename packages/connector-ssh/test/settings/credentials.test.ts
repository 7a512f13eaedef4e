import { userInfo } from 'node:os'
import { join } from 'node:path'
import { pluginContext } from '@chaos/testkit'
import { describe, expect, it } from 'vitest'
import type { Settings } from '../../src/settings/contract.ts'
import { resolveSettings } from '../../src/settings/resolve.ts'
import { environment, host, needSsh } from './given.ts'

needSsh()

const home = userInfo().homedir

async function of(config: string, data: Record<string, unknown> = {}): Promise<Settings> {
  environment({ SSH_AUTH_SOCK: '/run/agent', OTHER_AGENT: '/run/other' })
  return resolveSettings(await host('db1', config, data), pluginContext())
}

function paths({ keys }: Settings): string[] {
  return keys.map(({ path }) => path)
}

describe('keys and agents', () => {
  it('are those of the configuration, with their tokens and variables filled in', async () => {
    environment({ CHAOS_KEYS: '/var/keys' })
    const settings = await of('Host db1\n  HostName db.example\n  User ana\n  IdentityFile ~/.ssh/%h_%r\n  IdentityFile "%d/my key"\n  IdentityFile ${CHAOS_KEYS}/%n-%p%%\n')
    expect(paths(settings)).toEqual([join(home, '.ssh/db.example_ana'), join(home, 'my key'), '/var/keys/db1-22%'])
    expect(settings.agent).toBe('/run/agent')
  })

  it('with ssh_key are that key alone, unless the data say more', async () => {
    const config = 'IdentityFile /file/key\n'
    const alone = await of(config, { ssh_key: '/data/key' })
    expect(alone).toMatchObject({ keys: [{ path: '/data/key', required: true }], agent: undefined })
    expect(await of(config, { ssh_key: '/data/key', ssh_allow_agent: true })).toMatchObject({ agent: '/run/agent', keys: [{ path: '/data/key' }] })
    const more = await of(config, { ssh_key: '/data/key', ssh_look_for_keys: true })
    expect(more.keys).toEqual([{ path: '/data/key', required: true }, { path: '/file/key', required: false }])
  })

  it('leave out keys that nobody named with ssh_look_for_keys: false, and keep those of the configuration', async () => {
    expect(paths(await of('', { ssh_look_for_keys: false }))).toEqual([])
    expect(paths(await of('IdentityFile /file/key\n', { ssh_look_for_keys: false }))).toEqual(['/file/key'])
  })

  it('are none with IdentityFile none or PubkeyAuthentication no, but ssh_key counts', async () => {
    expect(paths(await of('IdentityFile none\n'))).toEqual([])
    expect(await of('PubkeyAuthentication no\n')).toMatchObject({ keys: [], agent: undefined })
    expect(paths(await of('PubkeyAuthentication no\n', { ssh_key: '/data/key' }))).toEqual(['/data/key'])
  })

  it('know IdentitiesOnly and certificates', async () => {
    expect(await of('IdentitiesOnly yes\nCertificateFile ~/.ssh/%r-cert.pub\nUser ana\n')).toMatchObject({ identitiesOnly: true, certificates: [join(home, '.ssh/ana-cert.pub')] })
  })

  it.each([
    ['/run/my agent', '/run/my agent'],
    ['~/agent-%h', join(home, 'agent-db1')],
    ['$OTHER_AGENT', '/run/other'],
    ['${OTHER_AGENT}/x', '/run/other/x'],
    ['SSH_AUTH_SOCK', '/run/agent'],
    ['$CHAOS_NOT_SET', undefined],
    ['none', undefined],
  ])('find the agent of IdentityAgent %s', async (value, socket) => {
    expect((await of(`IdentityAgent "${value}"\n`)).agent).toBe(socket)
  })

  it('use no agent with ssh_allow_agent: false, and may still forward one', async () => {
    expect(await of('', { ssh_allow_agent: false, ssh_forward_agent: true })).toMatchObject({ agent: undefined, forwardAgent: '/run/agent' })
    expect(await of('ForwardAgent yes\n', { ssh_key: '/data/key' })).toMatchObject({ agent: undefined, forwardAgent: '/run/agent' })
  })

  it('forward the agent that the configuration names, and none when there is none', async () => {
    expect((await of('ForwardAgent $OTHER_AGENT\n')).forwardAgent).toBe('/run/other')
    expect((await of('ForwardAgent /run/third\n')).forwardAgent).toBe('/run/third')
    expect((await of('')).forwardAgent).toBeUndefined()
    expect((await of('IdentityAgent none\n', { ssh_forward_agent: true })).forwardAgent).toBeUndefined()
  })
})
