import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import type { PluginContext } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readGuarded } from '../../src/settings/config-file/guard.ts'
import { resolveSettings } from '../../src/settings/resolve.ts'
import { environment, files, host, needSsh, target, withoutSsh } from './given.ts'

needSsh()

/** Configurations, and hosts of them that both ways must agree on. */
const CONFIGS: readonly (readonly [what: string, config: string, hosts: readonly string[]])[] = [
  ['nothing', '', ['db1', 'DB1', '::1', 'ana@db1']],
  ['patterns and negation', 'Host web? !web2\n  Port 1\nHost *.net !*.x.net\n  User ana\nHost "web2"\n  Port 2\nHost WEB1\n  User late\n', ['web', 'web1', 'web2', 'web33', 'a.net', 'b.x.net', 'WEB1']],
  ['the first value', 'Port 1\nHost db1\n  Port 2\n  User a\nHost *\n  User b\n  HostName %h.example.net\n', ['db1', 'db2']],
  ['spellings', 'hOsT=db1\n\tHOSTNAME = Real.Example\n  user="ana"   # who\n  Port=77\n#Port 78\n', ['db1']],
  ['keys', 'IdentityFile ~/.ssh/%h_%r\nIdentityFile "/my key"\nIdentityFile \'/x y\' # c\nIdentityFile /a\\ b\nIdentityFile "/my key"\nIdentitiesOnly yes\nCertificateFile %d/c-%u\n', ['db1']],
  ['agents', 'Host a\n  IdentityAgent none\nHost b\n  IdentityAgent "~/a b-%n"\nHost c\n  IdentityAgent $OTHER_AGENT\nHost d\n  IdentityAgent ${OTHER_AGENT}/x\n  ForwardAgent yes\nHost e\n  ForwardAgent ~/f-%h\n  IdentityAgent SSH_AUTH_SOCK\n', ['a', 'b', 'c', 'd', 'e']],
  ['known hosts', 'Host a\n  UserKnownHostsFile ~/one "/with blank/two" %d/%n ${OTHER_AGENT}\nHost b\n  UserKnownHostsFile none\n  GlobalKnownHostsFile none\nHost c\n  HostKeyAlias ali\n  UserKnownHostsFile /dev/null\n  HashKnownHosts yes\nHost d\n  GlobalKnownHostsFile /g1 /g2\n  Port 2222\nHost e\n  UserKnownHostsFile one two\n', ['a', 'b', 'c', 'd', 'e']],
  ['strictness', 'Host a\n  StrictHostKeyChecking no\nHost b\n  StrictHostKeyChecking accept-new\nHost c\n  StrictHostKeyChecking yes\nHost d\n  StrictHostKeyChecking ask\nHost e\n  StrictHostKeyChecking off\n', ['a', 'b', 'c', 'd', 'e']],
  ['times', 'Host a\n  ConnectTimeout 1m30\n  ServerAliveInterval 1h2m3s\n  ServerAliveCountMax 7\nHost b\n  ConnectTimeout none\n  ServerAliveInterval 0\nHost c\n  ConnectTimeout 0\n', ['a', 'b', 'c']],
  ['hops', 'Host db1\n  ProxyJump a,u@b:22\nHost a\n  ProxyJump %r@outer\n  User ana\nHost b\n  HostName 10.0.0.1\nHost none\n  ProxyJump none\nHost six\n  ProxyJump=[fe80::1%%lo]:33\nHost none six\n  ProxyCommand nc %h\n', ['db1', 'a', 'none', 'six']],
  ['commands', 'Host a\n  ProxyCommand   nc -X "a  b" \'%h\' \\"q\\" x=%p=%r %% #c \n  ProxyJump x\nHost b\n  ProxyCommand none\nHost * !last\n  ProxyJump last\n', ['a', 'b', 'c']],
  ['Match', 'Match originalhost db1,web* user root\n  Port 1\nMatch user ana\n  Port 2\nHost db*\n  HostName Real.Example\nMatch host real.example\n  IdentityFile /matched\nMatch !host REAL.example\n  IdentityFile /other\nMatch host="real.*,x" all\n  User late\nMatch localuser nobody-at-all\n  User never\nMatch all\n  IdentityFile /all\n', ['db1', 'ana@db1', 'web1', 'x']],
  ['algorithms', 'Ciphers aes256-ctr\nKexAlgorithms curve25519-sha256,ecdh-sha2-nistp256\nMACs hmac-sha2-256\nHostKeyAlgorithms ssh-ed25519\n', ['db1']],
  ['keywords that settings have no use for', 'Compression yes\nSendEnv LANG LC_*\nLocalForward 80 localhost:80\nPubkeyAuthentication no\n', ['db1']],
]

describe('without an ssh program', () => {
  it.each(CONFIGS)('the settings are the same as with one: %s', async (_, config, hosts) => {
    environment({ SSH_AUTH_SOCK: '/run/agent', OTHER_AGENT: '/run/other' })
    for (const name of hosts) {
      const given = await host(name, config)
      expect(await resolveSettings(given, withoutSsh()), name).toEqual(await resolveSettings(given, pluginContext()))
    }
  })

  it('Include is read where it stands, with wildcards, several files, and only where its section fits', async () => {
    const folder = await files({
      config: 'Host web*\n  Include FOLDER/conf.d/*.conf FOLDER/more\n  Port 9\nUser last\n',
      'conf.d/20.conf': 'User twenty\n',
      'conf.d/10.conf': 'Host web1\n  User ten\nHost db1\n  User wrong\n',
      'conf.d/.hidden.conf': 'User hidden\n',
      'conf.d/30.txt': 'User text\n',
      more: 'Host *\n  HostName real-%h\n',
    })
    for (const name of ['web1', 'web2', 'db1']) {
      const given = target(name, { ssh_config_file: join(folder, 'config') })
      expect(await resolveSettings(given, withoutSsh()), name).toEqual(await resolveSettings(given, pluginContext()))
    }
    expect(await resolveSettings(target('web1', { ssh_config_file: join(folder, 'config') }), withoutSsh())).toMatchObject({ user: 'ten', hostname: 'real-web1', port: 9 })
  })

  it('files that include each other are an error that names them', async () => {
    const folder = await files({ config: 'Include FOLDER/other\n', other: 'Include FOLDER/config\n' })
    await expect(resolveSettings(target('db1', { ssh_config_file: join(folder, 'config') }), withoutSsh())).rejects.toMatchObject({
      code: 'SSH_CONFIG', host: 'db1', message: expect.stringContaining(`${folder}/other → ${folder}/config`),
    })
  })

  it.each([
    ['Match exec', 'Match host db1 exec "true"\n  Port 1\n'],
    ['Match final', 'Match final\n  Port 1\n'],
    ['CanonicalizeHostname', 'CanonicalizeHostname always\n'],
    ['changes the default ciphers', 'Ciphers +aes128-cbc\n'],
  ])('what only OpenSSH can tell is an error that says to install it: %s', async (what, config) => {
    await expect(resolveSettings(await host('db1', config), withoutSsh())).rejects.toMatchObject({
      code: 'SSH_CONFIG', message: expect.stringContaining(what), hint: expect.stringContaining('Install the OpenSSH client'),
    })
  })

  it('Match exec of a section that is out already is no error, because OpenSSH would not run it either', async () => {
    const given = await host('db1', 'Match host other exec "true"\n  Port 1\n')
    expect(await resolveSettings(given, withoutSsh())).toMatchObject({ port: 22 })
  })

  it.each([
    ['a missing value', 'Host db1\n  Port\n'],
    ['too many values', 'IdentityFile /a b\n'],
    ['no time', 'ConnectTimeout soon\n'],
    ['a token that there is not', 'HostName %n\n'],
    ['a variable that is not set', 'UserKnownHostsFile ${CHAOS_NOT_SET}/known\n'],
  ])('%s is an error, with and without ssh', async (_, config) => {
    const given = await host('db1', config)
    await expect(resolveSettings(given, withoutSsh())).rejects.toMatchObject({ code: 'SSH_CONFIG' })
    await expect(resolveSettings(given, pluginContext())).rejects.toMatchObject({ code: 'SSH_CONFIG' })
  })

  it('a configuration file that is not there is an error when the data name it', async () => {
    await expect(resolveSettings(target('db1', { ssh_config_file: '/nonexistent/config' }), withoutSsh())).rejects.toMatchObject({ code: 'SSH_CONFIG', message: expect.stringContaining('/nonexistent/config') })
  })

  it("the usual files are read, the user's before the system's", async () => {
    const outcome = (context: PluginContext): Promise<unknown> => resolveSettings(target('db1'), context).catch((error: { hint: string }) => error.hint)
    // Whoever runs this may have configured what only OpenSSH can tell.
    expect([await outcome(pluginContext()), expect.stringContaining('Install the OpenSSH client')]).toContainEqual(await outcome(withoutSsh()))
  })

  it('is noticed also as the engine reports it', async () => {
    const missing: PluginContext = { ...pluginContext(), run: () => Promise.reject(new ChaosError('PROGRAM_MISSING', { message: 'The program ssh is not there.' })) }
    expect(await resolveSettings(await host('db1', 'Port 77\n'), missing)).toMatchObject({ port: 77 })
  })

  it('any word in quotes is read as ssh reads it', async () => {
    const word = fc.string({ unit: fc.constantFrom(...'ab/ "\'\\#='.split('')), minLength: 1, maxLength: 12 })
    const outcome = async (config: string, context: PluginContext): Promise<unknown> =>
      resolveSettings(await host('db1', config), context).then(({ keys }) => keys, (error: { code: string }) => error.code)
    await fc.assert(
      fc.asyncProperty(word, async (text) => {
        const config = `IdentityFile ${text}\n`
        expect(await outcome(config, withoutSsh())).toEqual(await outcome(config, pluginContext()))
      }),
      { numRuns: 60 },
    )
  })
})

describe("the user's own configuration file", () => {
  it('is refused without ssh when others may write it, because it may hold commands', async () => {
    const folder = await files({ config: 'Port 1\n' })
    expect(await readGuarded(join(folder, 'config'), true)).toBe('Port 1\n')
    await chmod(join(folder, 'config'), 0o620)
    await expect(readGuarded(join(folder, 'config'), true)).rejects.toMatchObject({ code: 'SSH_CONFIG', message: expect.stringContaining('written by other users') })
  })
})
