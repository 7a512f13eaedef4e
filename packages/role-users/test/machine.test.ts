import { describe, expect, test } from 'vitest'
import { because, KEY, reason, summaries, withMachine } from './support.ts'

const HASH = '$6$Qm8GJFhYlNYgYt5S$4xG0Y3EiY7nmMqfGnBvYw7h7i9x8lcF6pVxR3sUVhWv4D0ULlg1sNqkTeYlDhP1bYj7YvVqUqk1m2FhVbG2jG0'

describe.skipIf(reason !== undefined)(`the role users on a real machine${because}`, { timeout: 60_000 }, () => {
  test('a Ch-obolo as the Python Ch-aOS took it makes the same account, and then there is nothing to do in 2 exchanges', () =>
    withMachine(async ({ machine, make, plan }) => {
      const desired = { hostname: 'box1', users: [{ name: 'ana', shell: 'bash', home: '/home/ana', groups: ['www-data', 'media'], sudo: true }] }
      const secrets = { secrets: async () => ({ user_secrets: { ana: { password: HASH } } }) }
      expect(await plan(desired)).toEqual([
        'name in /etc/hosts', '/etc/hostname machine → box1', 'name machine → box1', 'create group', 'later: the group media is not there yet', 'create file',
      ])
      expect(await machine.run('hostname; getent passwd ana; getent group media; ls /etc/sudoers.d | grep ana || echo nothing')).toBe('machine\nnothing\n')
      expect(await make(desired, secrets)).toHaveLength(6)
      expect(await machine.run('hostname; cat /etc/hostname; grep 127.0.1.1 /etc/hosts; getent passwd ana | cut -d: -f6,7; id -nG ana; getent shadow ana | cut -d: -f2; cat /etc/sudoers.d/chaos-ana; stat -c %a /etc/sudoers.d/chaos-ana; sudo -l -U ana | tail -1')).toBe(
        `box1\nbox1\n127.0.1.1 box1\n/home/ana:/bin/bash\nana www-data media\n${HASH}\nana ALL=(ALL:ALL) ALL\n440\n    (ALL : ALL) ALL\n`,
      )
    }, { sudoers: '@includedir /etc/sudoers.d\n' }))

  test('what the role added and is no longer declared goes, its home stays; what was there before stays', () =>
    withMachine(async ({ machine, make, plan, remembered }) => {
      await machine.run('useradd -m ben')
      const both = { users: [{ name: 'ana', keys: [KEY.laptop], sudo: { nopasswd: true, commands: ['/usr/bin/id'] } }, { name: 'ben', keys: [KEY.laptop, KEY.desk] }] }
      await make(both)
      expect(Object.keys(await remembered()).toSorted()).toEqual([
        `key:ana ${KEY.laptop.split(' ', 2).join(' ')}`, `key:ben ${KEY.desk.split(' ', 2).join(' ')}`, `key:ben ${KEY.laptop.split(' ', 2).join(' ')}`, 'sudo:ana', 'user:ana',
      ].toSorted())
      expect(await plan({ users: [{ name: 'ben', keys: [KEY.desk] }] })).toEqual(['remove ana@laptop', 'remove file', 'remove ana@laptop', 'remove user; its home /home/ana stays'])
      expect(await make({ users: [{ name: 'ben', keys: [KEY.desk] }] })).toHaveLength(4)
      expect(await machine.run('getent passwd ana || echo gone; ls -d /home/ana; ls -A /etc/sudoers.d | grep chaos || echo none; cat /home/ben/.ssh/authorized_keys; stat -c "%a %U" /home/ben/.ssh /home/ben/.ssh/authorized_keys')).toBe(
        `gone\n/home/ana\nnone\n${KEY.desk}\n700 ben\n600 ben\n`,
      )
      expect(await make({ users: [] })).toEqual(['remove ana@desk'])
      expect(await machine.run('getent passwd ben | cut -d: -f1')).toBe('ben\n')
      expect(await remembered()).toEqual({})
    }))

  test('what others changed since is kept, and told', () =>
    withMachine(async ({ machine, apply, make }) => {
      await make({ users: [{ name: 'ana', shell: 'sh', sudo: true }, { name: 'ben', shell: 'sh', remove_home: true }] })
      await machine.run('usermod -s /bin/bash ana; echo "ana ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/chaos-ana')
      const { plan, errors } = await apply({ users: [] })
      expect(errors).toEqual([])
      expect(plan.hosts[0]?.roles[0]?.kept).toEqual(['the user ana: its shell was changed since chaos added it (/bin/sh → /bin/bash)', '/etc/sudoers.d/chaos-ana: it was changed since chaos added it'])
      expect(await machine.run('getent passwd ana | cut -d: -f1; ls /home; ls /etc/sudoers.d | grep chaos')).toBe('ana\nana\nchaos-ana\n')
    }))

  test('an absent key is not managed: a host name alone touches no account', () =>
    withMachine(async ({ machine, make }) => {
      await make({ users: [{ name: 'ana' }] })
      expect(await make({ hostname: 'other' })).toHaveLength(3)
      expect(await machine.run('getent passwd ana | cut -d: -f1')).toBe('ana\n')
    }))

  test('exclusive removes people that nobody declares, but no account of a service, and not who is connected', () =>
    withMachine(async ({ machine, make, apply }) => {
      await machine.run('useradd -m -s /bin/bash ben; useradd -r -s /bin/sh app; useradd -u 1800 -s /usr/sbin/nologin batch; useradd -u 61234 -s /bin/sh far')
      const desired = { users: { list: [{ name: 'ana' }], exclusive: true } }
      const people = (await machine.run("awk -F: '$3>=1000 && $3<=60000 && $7 !~ /nologin|false/ {print $1}' /etc/passwd")).trim().split('\n')
      expect(people).toContain('ben')
      expect(summaries(await apply(desired, { dry: true })).toSorted()).toEqual(['create user', ...people.map(() => expect.stringContaining('remove user; its home'))])
      await make(desired)
      expect(await machine.run('getent passwd ana app batch far | cut -d: -f1; getent passwd ben || echo gone; ls -d /home/ben')).toBe('ana\napp\nbatch\nfar\ngone\n/home/ben\n')
    }))
})
