import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pluginContext } from '@chaos/testkit'
import { describe, expect, it } from 'vitest'
import type { Settings } from '../../src/settings/contract.ts'
import { resolveSettings } from '../../src/settings/resolve.ts'
import { files, host, needSsh, target } from './given.ts'

needSsh()

async function of(name: string, config: string, data: Record<string, unknown> = {}): Promise<Settings> {
  return resolveSettings(await host(name, config, data), pluginContext())
}

function way({ jumps }: Settings): string[] {
  return jumps.map(({ user, hostname, port }) => `${user}@${hostname}:${port}`)
}

describe('hops', () => {
  it('have settings of their own, and user and port of the ProxyJump win', async () => {
    const settings = await of('db1', 'Host db1\n  ProxyJump one,u2@two:2202,ssh://u3@three:2203\nHost one\n  HostName 10.0.0.1\n  User file\n  IdentityFile /one/key\nHost two\n  User file\n  Port 9\n')
    expect(way(settings)).toEqual(['file@10.0.0.1:22', 'u2@two:2202', 'u3@three:2203'])
    expect(settings.jumps[0]).toMatchObject({ name: 'one', knownAs: '10.0.0.1', keys: [{ path: '/one/key', required: false }], jumps: [] })
    expect(settings.jumps[1]).toMatchObject({ name: 'two', knownAs: '[two]:2202' })
  })

  it('do not take user, key, password or known hosts of the target, but its patience', async () => {
    const data = { ssh_user: 'ana', ssh_port: 2022, ssh_key: '/data/key', ssh_password: 'sesame', ssh_known_hosts_file: '/data/known', ssh_strict_host_key_checking: 'accept-new', ssh_connect_timeout: 3 }
    const { jumps: [hop], configFile } = await of('db1', 'User me\nHost db1\n  ProxyJump bastion\n', data)
    expect(hop).toMatchObject({ user: 'me', port: 22, password: undefined, strict: 'yes', connectTimeout: 3, configFile })
    expect(hop?.keys).not.toContainEqual(expect.objectContaining({ path: '/data/key' }))
    expect(hop?.knownHosts).not.toContain('/data/known')
  })

  it('go the way of the first hop before it, and not that of further ones, as ssh does', async () => {
    const config = 'User me\nHost db1\n  ProxyJump a,b\nHost a\n  ProxyJump outer\nHost outer\n  ProxyCommand connect %h\nHost b\n  ProxyJump elsewhere\n'
    const settings = await of('db1', config)
    expect(way(settings)).toEqual(['me@outer:22', 'me@a:22', 'me@b:22'])
    expect(settings.jumps.map(({ proxyCommand, jumps }) => [proxyCommand, jumps])).toEqual([['connect outer', []], [undefined, []], [undefined, []]])
  })

  it('leave out the ProxyCommand of a further hop', async () => {
    const { jumps } = await of('db1', 'Host db1\n  ProxyJump a,b\nHost a b\n  ProxyCommand connect %h\n')
    expect(jumps.map(({ proxyCommand }) => proxyCommand)).toEqual(['connect a', undefined])
  })

  it('are IPv6 addresses too, and take the tokens of ssh', async () => {
    expect(way(await of('db1', 'User me\nHost db1\n  ProxyJump ana@[fe80::1%%eth0]:2201\n'))).toEqual(['ana@fe80::1%eth0:2201'])
    expect(way(await of('db1', 'Host db1\n  User me\n  HostName db.example\n  ProxyJump %r@gate.%h:33\n'))).toEqual(['me@gate.db.example:33'])
  })

  it('are none with none, and with a ProxyCommand that comes first', async () => {
    expect(way(await of('db1', 'Host db1\n  ProxyJump none\nHost *\n  ProxyJump bastion\n'))).toEqual([])
    expect(await of('db1', 'Host db1\n  ProxyCommand nc %h %p\nHost *\n  ProxyJump bastion\n')).toMatchObject({ jumps: [], proxyCommand: 'nc db1 22' })
  })

  it('that lead back are an error that names the way', async () => {
    const loop = of('a', 'Host a\n  ProxyJump b\nHost b\n  ProxyJump c\nHost c\n  ProxyJump b\n')
    await expect(loop).rejects.toMatchObject({ code: 'SSH_JUMP_LOOP', host: 'a', message: 'The way to a leads back to itself: a → b → c → b.' })
    const itself = of('db1', 'Host *\n  ProxyJump bastion\n')
    await expect(itself).rejects.toMatchObject({ code: 'SSH_JUMP_LOOP', message: expect.stringContaining('bastion has itself as its ProxyJump'), hint: expect.stringContaining('Host * !bastion') })
  })
})

describe('a ProxyCommand', () => {
  it('says what ssh itself would run', async () => {
    const folder = await files({ config: 'Host tok\n  HostName Real.Example\n  User ana\n  Port 33\n  HostKeyAlias ali\n  ProxyCommand sh -c "echo %h %k %n %p %r %% >FOLDER/ran; true"\n' })
    // The outer shell holds the connection open until the file is written; ssh ends what runs when it closes.
    const config = join(folder, 'config')
    await pluginContext().run(['ssh', '-F', config, '-o', 'BatchMode=yes', '--', 'tok', 'true'])
    const ran = await readFile(join(folder, 'ran'), 'utf8')
    expect((await resolveSettings(target('tok', { ssh_config_file: config }), pluginContext())).proxyCommand).toBe(`sh -c "echo ${ran.trim()} >${folder}/ran; true"`)
  })

  it('has its tokens filled in as ssh does, and is left as it stands otherwise', async () => {
    const config = 'Host tok\n  HostName Real.Example\n  User ana\n  Port 33\n  HostKeyAlias ali\n  ProxyCommand nc   -x "a b" \\"q\\" h=%h k=%k n=%n p=%p r=%r %% # ${X}\n'
    expect((await of('tok', config)).proxyCommand).toBe('nc   -x "a b" \\"q\\" h=real.example k=ali n=tok p=33 r=ana % # ${X}')
  })

  it('is none with none', async () => {
    expect((await of('db1', 'Host db1\n  ProxyCommand none\n')).proxyCommand).toBeUndefined()
  })
})
