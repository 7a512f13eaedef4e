import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalName, layerCandidates, parseHostName } from '../../src/inventory/index.ts'

const installed = (name: string): boolean => ['local', 'ssh', 'docker', 'dockerssh', 'chroot', 'podman', 'terraform', 'vagrant'].includes(name)
const parse = (name: string) => parseHostName(name, installed).map(({ connector, argument }) => [connector, argument])

describe('a host name', () => {
  it.each([
    ['@local', [['local', '']]],
    ['@docker/web', [['docker', 'web']]],
    ['@docker/alpine:3.8', [['docker', 'alpine:3.8']]],
    ['@chroot/mnt/my/chroot', [['chroot', 'mnt/my/chroot']]],
    ['@dockerssh/h:img:tag', [['dockerssh', 'h:img:tag']]],
    ['my_remote_server', [['ssh', 'my_remote_server']]],
    ['@ssh/db1', [['ssh', 'db1']]],
    ['db.example.net', [['ssh', 'db.example.net']]],
    ['[2001:db8::1]', [['ssh', '[2001:db8::1]']]],
    ['2001:db8::1', [['ssh', '2001:db8::1']]],
    ['bücher.example', [['ssh', 'bücher.example']]],
    ['@nope/x', [['nope', 'x']]],
    ['@local/x', [['local', 'x']]],
    ['@ssh/bastion/@docker/web', [['ssh', 'bastion'], ['docker', 'web']]],
    ['@ssh/a/@docker/b/@chroot/c/d', [['ssh', 'a'], ['docker', 'b'], ['chroot', 'c/d']]],
    ['bastion/@docker/web', [['ssh', 'bastion'], ['docker', 'web']]],
    ['@vagrant/@docker/web', [['vagrant', ''], ['docker', 'web']]],
    ['@ssh/a/@local', [['ssh', 'a'], ['local', '']]],
    ['@chroot/mnt/@home', [['chroot', 'mnt/@home']]],
    ['@chroot/mnt/@home/x', [['chroot', 'mnt/@home/x']]],
    ['@chroot/mnt/@dockers', [['chroot', 'mnt/@dockers']]],
    ['@chroot/mnt/%40docker/x', [['chroot', 'mnt/@docker/x']]],
    ['@docker/reg.io/a%40sha256:00', [['docker', 'reg.io/a@sha256:00']]],
  ])('%s is read', (name, layers) => {
    expect(parse(name)).toEqual(layers)
  })

  it.each([
    ['', 'it is empty'],
    ['-oProxyCommand=x', 'a part of it starts with "-"'],
    ['@ssh/-oProxyCommand=x', 'a part of it starts with "-"'],
    ['user@-x', 'a part of it starts with "-"'],
    ['a;b', 'it holds ";"'],
    ['a b', 'it holds " "'],
    ['a\nb', 'it holds "\\n"'],
    ['a\u001b[31mb', 'it holds "\\u001b"'],
    ['@docker/$(id)', 'it holds "$"'],
    ['@docker/`id`', 'it holds "`"'],
    ['web*', 'it holds "*"'],
    ['@', '"@" is not the name of a connector'],
    ['@Docker/web', '"@Docker" is not the name of a connector'],
    ['@ssh', '@ssh needs the name of a host'],
    ['a/b', '"a/b" is not a host'],
    ['a=b', '"a=b" is not a host'],
    ['@ssh/bastion/@dockr/web', '"/@dockr" starts a layer only if a connector "dockr" is installed'],
    ['x'.repeat(1001), 'it is longer than 1000 characters'],
  ])('%j is refused', (name, why) => {
    expect(() => parse(name)).toThrow(why)
    expect(() => parse(name)).toThrow(expect.objectContaining({ code: 'HOST_NAME' }))
  })

  it('never lets a control character or a blank pass', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom('\0', '\u0007', '\n', ' ', '\u009b', '\u202e', '\u00a0'), fc.string({ maxLength: 20 }), (before, sign, after) => {
        expect(() => parse(`@docker/${before}${sign}${after}`)).toThrow('cannot be used')
      }),
    )
  })

  it('is the same after it was written in the one way', () => {
    for (const name of ['db1', '@ssh/db1', '@ssh/a/@docker/b', '@chroot/mnt/%40docker/x', '@local', '@chroot/mnt/@home']) {
      const canonical = canonicalName(parseHostName(name, installed))
      expect(canonicalName(parseHostName(canonical, installed))).toBe(canonical)
      expect(parse(canonical)).toEqual(parse(name))
    }
    expect(canonicalName(parseHostName('db1', installed))).toBe('@ssh/db1')
  })

  it('tells which connectors it may mean', () => {
    expect(layerCandidates('@ssh/a/@docker/b/c@d/@home')).toEqual(['ssh', 'docker', 'home'])
    expect(layerCandidates('db1')).toEqual([])
  })
})
