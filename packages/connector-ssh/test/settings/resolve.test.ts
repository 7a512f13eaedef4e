import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { revealSecret } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'
import { describe, expect, it } from 'vitest'
import { resolveSettings } from '../../src/settings/resolve.ts'
import { counting, environment, files, host, needSsh, target } from './given.ts'

needSsh()

const { home, name: me } = { home: userInfo().homedir, name: userInfo().username }

describe('settings of a host', () => {
  it('are the defaults where nothing is configured', async () => {
    environment({ SSH_AUTH_SOCK: '/run/agent' })
    const { keys, knownHosts, ...settings } = await resolveSettings(target('db1', { ssh_config_file: '/dev/null' }), pluginContext())
    expect(settings).toEqual({
      name: 'db1', hostname: 'db1', port: 22, user: me, knownAs: 'db1', strict: 'yes', hashKnownHosts: false, keyPassword: undefined, password: undefined,
      certificates: [], agent: '/run/agent', identitiesOnly: false, forwardAgent: undefined, jumps: [], proxyCommand: undefined, connectTimeout: 10,
      keepAlive: { interval: 15, count: 3 }, algorithms: {}, transport: 'ssh2', fileTransfer: 'sftp', configFile: '/dev/null', connectRetries: 2,
      retryDelay: { min: 0.1, max: 0.5 },
    })
    expect(keys).toContainEqual({ path: join(home, '.ssh/id_ed25519'), required: false })
    expect(knownHosts).toEqual([join(home, '.ssh/known_hosts'), join(home, '.ssh/known_hosts2'), '/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'])
  })

  it('come from the sections that fit, as ssh itself puts them together', async () => {
    const folder = await files({
      config: 'Include FOLDER/conf.d/*\nHost web*\n  Port 2200\n  User late\nMatch originalhost web1 exec "test -e FOLDER/conf.d"\n  ServerAliveInterval 1m\n',
      'conf.d/10': 'Host web1\n  HostName 10.0.0.7\n  User early\n  ServerAliveCountMax 9\n',
    })
    const settings = await resolveSettings(target('web1', { ssh_config_file: join(folder, 'config') }), pluginContext())
    expect(settings).toMatchObject({ name: 'web1', hostname: '10.0.0.7', user: 'early', port: 2200, knownAs: '[10.0.0.7]:2200', keepAlive: { interval: 60, count: 9 } })
  })

  it('are looked up by ssh_hostname, be it an address or a name of the configuration', async () => {
    const config = 'Host web1\n  HostName 10.0.0.7\n  User deploy\nHost 10.0.0.5\n  Port 2022\nHost my_remote_server\n  User nobody\n'
    const address = await resolveSettings(await host('my_remote_server', config, { ssh_hostname: '10.0.0.5' }), pluginContext())
    expect(address).toMatchObject({ name: 'my_remote_server', hostname: '10.0.0.5', port: 2022, user: me, knownAs: '[10.0.0.5]:2022' })
    const alias = await resolveSettings(await host('frontend', config, { ssh_hostname: 'web1' }), pluginContext())
    expect(alias).toMatchObject({ name: 'frontend', hostname: '10.0.0.7', user: 'deploy', knownAs: '10.0.0.7' })
  })

  it('take the data of the host before the configuration', async () => {
    const config = 'Host *\n  User file\n  Port 2200\n  IdentityFile /file/key\n  UserKnownHostsFile /file/known\n  StrictHostKeyChecking accept-new\n  ForwardAgent yes\n'
      + '  ConnectTimeout 77\n  ServerAliveInterval 77\n'
    const data = {
      ssh_user: 'ana', ssh_port: 2022, ssh_key: '~/keys/a', ssh_known_hosts_file: ['/data/one', '/data/two'], ssh_strict_host_key_checking: true,
      ssh_forward_agent: false, ssh_connect_timeout: 3, ssh_keepalive: 0, ssh_password: 'sesame', ssh_transport: 'openssh', ssh_file_transfer_protocol: 'shell',
      ssh_connect_retries: 0, ssh_connect_retry_min_delay: 2,
    }
    const settings = await resolveSettings(await host('db1', config, data), pluginContext())
    expect(settings).toMatchObject({
      user: 'ana', port: 2022, keys: [{ path: join(homedir(), 'keys/a'), required: true }], knownHosts: ['/data/one', '/data/two'], strict: 'yes',
      forwardAgent: undefined, connectTimeout: 3, keepAlive: { interval: 0 }, transport: 'openssh', fileTransfer: 'shell', connectRetries: 0, retryDelay: { min: 2, max: 2 },
    })
    expect(revealSecret(settings.password!)).toBe('sesame')
  })

  it('see the user and the port of the data in Match, as ssh does with -l and -p', async () => {
    const config = 'Match user ana\n  IdentityFile /for/ana\n'
    const { keys } = await resolveSettings(await host('db1', config, { ssh_user: 'ana' }), pluginContext())
    expect(keys).toEqual([{ path: '/for/ana', required: false }])
  })

  it('take a user from the name, unless the data name another one', async () => {
    expect(await resolveSettings(await host('ana@db1', ''), pluginContext())).toMatchObject({ user: 'ana', hostname: 'db1' })
    await expect(resolveSettings(await host('ana@db1', '', { ssh_user: 'bob' }), pluginContext())).rejects.toMatchObject({ code: 'SSH_DATA', host: 'ana@db1' })
  })

  it('start relative paths of the data where chaos runs', async () => {
    const { keys } = await resolveSettings(await host('db1', '', { ssh_key: 'keys/a' }), pluginContext())
    expect(keys).toEqual([{ path: join(process.cwd(), 'keys/a'), required: true }])
  })

  it('know a host on another port, an IPv6 address and an alias as known_hosts files do', async () => {
    const knownAs = async (name: string, config: string): Promise<string> => (await resolveSettings(await host(name, config), pluginContext())).knownAs
    expect(await knownAs('DB1', '')).toBe('db1')
    expect(await knownAs('fe80::1%lo', 'Port 2222')).toBe('[fe80::1%lo]:2222')
    expect(await knownAs('db1', 'Port 2222\nHostKeyAlias cluster')).toBe('cluster')
  })

  it('are never weaker than refusing a changed key: no and off mean accept-new, ask means yes', async () => {
    const strict = async (value: string): Promise<string> => (await resolveSettings(await host('db1', `StrictHostKeyChecking ${value}`), pluginContext())).strict
    expect(await Promise.all(['yes', 'ask', 'accept-new', 'no', 'off'].map(strict))).toEqual(['yes', 'yes', 'accept-new', 'accept-new', 'accept-new'])
  })

  it('read several known_hosts files, also with blanks in their names, and none', async () => {
    const known = async (line: string): Promise<readonly string[]> => (await resolveSettings(await host('db1', `GlobalKnownHostsFile none\n${line}`), pluginContext())).knownHosts
    expect(await known('UserKnownHostsFile ~/.ssh/one "/with some space/two" %d/three')).toEqual([join(home, '.ssh/one'), '/with some space/two', join(home, 'three')])
    expect(await known('UserKnownHostsFile one two/three')).toEqual([join(process.cwd(), 'one'), join(process.cwd(), 'two/three')])
    expect(await known('UserKnownHostsFile /dev/null')).toEqual(['/dev/null'])
    expect(await known('UserKnownHostsFile none')).toEqual(['/dev/null'])
  })

  it('name only the algorithms that the configuration changes', async () => {
    const { algorithms } = await resolveSettings(await host('db1', 'Ciphers aes256-ctr,aes128-ctr\nHostKeyAlgorithms ssh-ed25519\n'), pluginContext())
    expect(algorithms).toEqual({ ciphers: ['aes256-ctr', 'aes128-ctr'], hostKeys: ['ssh-ed25519'] })
  })

  it('drop the jumps and the ProxyCommand on top of another layer, which is the way', async () => {
    const jumping = await host('db1', 'Host db1\n  ProxyJump bastion\n')
    expect(await resolveSettings({ ...jumping, below: ['@ssh/other'] }, pluginContext())).toMatchObject({ jumps: [] })
    const command = await host('db1', 'Host db1\n  ProxyCommand nc %h %p\n')
    expect(await resolveSettings({ ...command, below: ['@ssh/other'] }, pluginContext())).toMatchObject({ proxyCommand: undefined })
  })

  it('ask ssh once per host and run, without a shell, and with -- before the name', async () => {
    const context = counting()
    const db1 = await host('db1', '', { ssh_user: 'ana', ssh_port: 2022 })
    await Promise.all([resolveSettings(db1, context), resolveSettings(db1, context)])
    expect(context.argvs.map((argv) => argv.join(' ')).toSorted()).toEqual([
      `ssh -G -F ${db1.data['ssh_config_file'] as string} -l ana -p 2022 -- db1`, 'ssh -G -F none -- localhost',
    ])
  })
})

describe('settings that cannot be made', () => {
  it.each(['-oProxyCommand=id', 'a b', '$(id)'])('refuse the name %j before any program runs', async (name) => {
    const context = counting()
    await expect(resolveSettings(target(name, { ssh_config_file: '/dev/null' }), context)).rejects.toMatchObject({ code: 'SSH_NAME', host: name, details: { retry: false } })
    expect(context.argvs).toEqual([])
  })

  it.each([
    ['HostName', 'HostName "a;id"'],
    ['user', 'User "$(id)"'],
    ['HostKeyAlias', 'HostKeyAlias "a b"'],
    ['ProxyJump', 'ProxyJump a;id'],
  ])('refuse what the configuration says as %s', async (what, config) => {
    await expect(resolveSettings(await host('db1', config), pluginContext())).rejects.toMatchObject({ code: expect.stringMatching(/SSH_NAME|SSH_CONFIG/), message: expect.stringMatching(new RegExp(what, 'i')) })
  })

  it('say what ssh does not understand, and in which file', async () => {
    const db1 = await host('db1', 'Host *\n  Prot 22\n')
    const file = db1.data['ssh_config_file'] as string
    await expect(resolveSettings(db1, pluginContext())).rejects.toMatchObject({ code: 'SSH_CONFIG', host: 'db1', message: expect.stringMatching(`${file}.*line 2: Bad configuration option: prot`) })
    const missing = target('db1', { ssh_config_file: '/nonexistent/config' })
    await expect(resolveSettings(missing, pluginContext())).rejects.toMatchObject({ code: 'SSH_CONFIG', message: expect.stringContaining('/nonexistent/config') })
  })

  it('refuse data that are wrong, and never show a password', async () => {
    const wrong = resolveSettings(target('db1', { ssh_password: 'sesame', ssh_port: 'x' }), pluginContext())
    await expect(wrong).rejects.toMatchObject({ code: 'SSH_DATA', host: 'db1', message: 'The data of db1 are wrong: ssh_port: must be a port, 1 to 65535.' })
  })

  it("refuse what only the system's ssh can do, unless it does it, and tokens and variables that cannot be filled in", async () => {
    const message = async (config: string): Promise<string> => resolveSettings(await host('db1', config), pluginContext()).then(() => '', (error: Error) => error.message)
    expect(await message('ProxyCommand nc -F %h %p\nProxyUseFdpass yes\n')).toContain('ProxyUseFdpass')
    expect(await message('RevokedHostKeys /etc/ssh/revoked\n')).toContain('RevokedHostKeys')
    expect(await resolveSettings(await host('db1', 'RevokedHostKeys /etc/ssh/revoked\n', { ssh_transport: 'openssh' }), pluginContext())).toMatchObject({ hostname: 'db1' })
    expect(await message('ProxyCommand nc %C\n')).toContain('holds %C')
    expect(await message('IdentityFile ${CHAOS_NOT_SET}/key\n')).toContain('CHAOS_NOT_SET')
    expect(await message('IdentityFile ~bob/key\n')).toContain('another user')
  })
})
