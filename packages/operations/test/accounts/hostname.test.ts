import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { server } from '../../src/index.ts'
import { renamedHosts } from '../../src/server/hostname/hosts-line.ts'
import { because, reason, withMachine } from './support.ts'

test('names are those that a machine may have', () => {
  for (const name of ['web-1', 'WEB', 'a', 'web-1.example.net', '1web', 'a'.repeat(63)]) expect(server.hostname({ name }).title).toBe(name)
  for (const name of ['', '-a', 'a-', 'a_b', 'a b', 'a..b', '.a', 'a.', '192.0.2.1', '12', 'a'.repeat(64), "a'; id #", 'a\nb', 'ä']) expect(() => server.hostname({ name })).toThrow(/name/)
})

describe('/etc/hosts', () => {
  test('on the line 127.0.1.1 the old name becomes the new one, with its domain; nothing else does', () => {
    const hosts = '127.0.0.1\tlocalhost old\n127.0.1.1\told.example.net  old alias # old\n192.0.2.7 old\n'
    expect(renamedHosts(hosts, ['old'], 'new')).toBe('127.0.0.1\tlocalhost old\n127.0.1.1\tnew.example.net  new alias # old\n192.0.2.7 old\n')
    expect(renamedHosts('127.0.1.1 old.a old\n', ['old'], 'new.b')).toBe('127.0.1.1 new.b new.b\n')
  })

  test('a machine without such a line gets none, and one of somebody else is left alone', () => {
    for (const text of ['', '127.0.0.1 localhost\n', '127.0.1.1 other\n', '#127.0.1.1 old\n', '127.0.1.10 old\n', '127.0.1.1 new old\n']) expect(renamedHosts(text, ['old'], 'new')).toBe(text)
  })

  test('renamed once, it is renamed', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(\.[a-z]{1,4})?$/)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('127.0.1.1', '127.0.0.1', '# x', '::1'), fc.array(name)).map(([address, names]) => [address, ...names].join(' '))), name, name, (lines, old, next) => {
        const once = renamedHosts(lines.join('\n'), [old], next)
        expect(renamedHosts(once, [old], next)).toBe(once)
        expect(once.split('\n').filter((line) => !line.startsWith('127.0.1.1'))).toEqual(lines.join('\n').split('\n').filter((line) => !line.startsWith('127.0.1.1')))
      }),
    )
  })
})

describe.skipIf(reason !== undefined)(`server.hostname on a real machine${because}`, { timeout: 240_000 }, () => {
  const named = (name: string) => () => [server.hostname({ name })]
  const all = 'hostname; cat /etc/hostname; grep 127.0.1.1 /etc/hosts'

  test('it is called so now, after the next boot and for itself; drift in any of them is mended', () =>
    withMachine(async ({ machine, make, plan }) => {
      expect(await plan(named('web-1'))).toEqual(['name in /etc/hosts', '/etc/hostname machine → web-1', 'name machine → web-1'])
      expect(await machine.run(all)).toBe('machine\nmachine\n127.0.1.1 machine\n')
      await make(named('web-1'))
      expect(await machine.run(all)).toBe('web-1\nweb-1\n127.0.1.1 web-1\n')
      await machine.run('hostname drifted')
      expect(await make(named('web-1'))).toEqual(['name drifted → web-1'])
      await machine.run('echo drifted >/etc/hostname')
      expect(await make(named('web-1'))).toEqual(['/etc/hostname drifted → web-1'])
    }))

  test('where a container has mounted the files they are written into', () =>
    withMachine(async ({ machine, make }) => {
      await machine.run('cp /etc/hostname /etc/hosts /run; mount --bind /run/hostname /etc/hostname; mount --bind /run/hosts /etc/hosts')
      await make(named('web-2'))
      expect(await machine.run(`${all}; cat /run/hostname; grep -c ' /etc/host' /proc/self/mountinfo`)).toBe('web-2\nweb-2\n127.0.1.1 web-2\nweb-2\n2\n')
    }))

  test('where hostnamectl cannot do it, the kernel is asked; where there is no /etc/hostname, one is made', () =>
    withMachine(async ({ machine, make }) => {
      await machine.run('mkdir -p /run/systemd/system; rm /etc/hostname; command -v hostnamectl')
      await make(named('web-3'))
      expect(await machine.run(all)).toBe('web-3\nweb-3\n127.0.1.1 web-3\n')
    }))
})
