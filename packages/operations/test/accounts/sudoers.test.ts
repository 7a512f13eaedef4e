import { describe, expect, test } from 'vitest'
import { server } from '../../src/index.ts'
import { because, reason, withMachine } from './support.ts'

const sudo = { sudoers: '@includedir /etc/sudoers.d\n' }

test.each(['a.b', 'a~', 'a/b', '', 'a b'])('sudo would pass over, or not find, a file named %j', (name) => {
  expect(() => server.sudoers({ name, content: 'x' })).toThrow(/name/)
})

test('one of content, user and group is given, on one line each', () => {
  expect(() => server.sudoers({ name: 'x' })).toThrow('give one of')
  expect(() => server.sudoers({ name: 'x', user: 'ana', group: 'wheel' })).toThrow('give one of')
  expect(() => server.sudoers({ name: 'x', user: 'ana', commands: ['/bin/a\nroot ALL=ALL'] })).toThrow('one line')
  expect(() => server.sudoers({ name: 'x', user: 'ana ALL=ALL' })).toThrow('no name')
  expect(() => server.sudoers({ name: 'x', present: false, user: 'ana' })).toThrow('absent')
})

describe.skipIf(reason !== undefined)(`server.sudoers on a real machine${because}`, { timeout: 240_000 }, () => {
  test('a rule is live for whom it names, root alone may write it, drift is mended, and it goes', () =>
    withMachine(async ({ machine, make, plan }) => {
      await machine.run('useradd ana; useradd -G www-data ben')
      const ops = () => [server.sudoers({ name: 'ana', user: 'ana', commands: ['/usr/bin/id', '/usr/bin/env -i'], nopasswd: true, runas: 'root' }), server.sudoers({ name: 'web', group: 'www-data' })]
      expect(await plan(ops)).toEqual(['create file', 'create file'])
      await make(ops)
      expect(await machine.run('stat -c "%a %U %G" /etc/sudoers.d/ana; cat /etc/sudoers.d/ana /etc/sudoers.d/web; su -s /bin/sh ana -c "sudo -n /usr/bin/id -u"; sudo -l -U ben | tail -1')).toBe(
        '440 root root\nana ALL=(root) NOPASSWD: /usr/bin/id, /usr/bin/env -i\n%www-data ALL=(ALL:ALL) ALL\n0\n    (ALL : ALL) ALL\n',
      )
      await machine.run('echo "ana ALL=(ALL) ALL" >/etc/sudoers.d/ana; chmod 644 /etc/sudoers.d/web')
      expect(await make(ops)).toEqual(['update content', 'mode 0644 → 0440'])
      expect(await make(() => [server.sudoers({ name: 'ana', present: false })])).toEqual(['remove file'])
      expect(await machine.run('su -s /bin/sh ana -c "sudo -n id" 2>/dev/null || echo no')).toBe('no\n')
    }, sudo))

  test('what visudo does not take never goes live', () =>
    withMachine(async ({ machine, apply }) => {
      const { errors } = await apply(() => [server.sudoers({ name: 'bad', content: 'ana ALL=(ALL' })])
      expect(errors[0]?.code).toBe('CHANGE_FAILED')
      expect(await machine.run('ls -A /etc/sudoers.d | grep -e bad -e chaos || echo nothing')).toBe('nothing\n')
    }, sudo))

  test('where sudo is not there yet it is waited for', () =>
    withMachine(async ({ machine, make, plan }) => {
      await machine.run('mv /usr/sbin/visudo /root/visudo')
      const ops = () => [server.shell({ commands: 'mv /root/visudo /usr/sbin/visudo', creates: '/usr/sbin/visudo' }), server.sudoers({ name: 'ana', user: 'ana' })]
      expect(await plan(ops)).toEqual(['run the command', 'later: sudo is not there yet'])
      await make(ops)
    }, sudo))

  test('every change of it may cut off who is connected, and says so', () =>
    withMachine(async ({ apply }) => {
      const { plan } = await apply(() => [server.sudoers({ name: 'ana', user: 'ana' })], { dry: true })
      expect(plan.hosts[0]?.roles[0]?.operations[0]?.changes.map(({ risk }) => risk)).toEqual(['access'])
    }, sudo))
})
