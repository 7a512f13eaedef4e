import { readFileSync } from 'node:fs'
import { defineRole, secret } from '@chaos/core'
import { server } from '@chaos/operations'
import { describe, expect, test } from 'vitest'
import { plainYaml } from '../../chobolo/src/index.ts'
import role from '../src/index.ts'
import { because, KEY, reason, summaries, withMachine } from './support.ts'

const HASH = '$6$Qm8GJFhYlNYgYt5S$4xG0Y3EiY7nmMqfGnBvYw7h7i9x8lcF6pVxR3sUVhWv4D0ULlg1sNqkTeYlDhP1bYj7YvVqUqk1m2FhVbG2jG0'

describe.skipIf(reason !== undefined)(`the role users on a real machine${because}`, { timeout: 240_000 }, () => {
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

  test('a rule of the Python Ch-aOS is taken over, also of a name with a dot, which sudo passed over there', () =>
    withMachine(async ({ machine, make, plan }) => {
      await machine.run("useradd a.b; echo 'a.b ALL=(ALL:ALL) ALL' >/etc/sudoers.d/99-charonte-a.b; useradd ben; echo 'ben ALL=(ALL:ALL) ALL' >/etc/sudoers.d/99-charonte-ben; useradd cleo; echo 'cleo ALL=(ALL:ALL) ALL' >/etc/sudoers.d/99-charonte-cleo")
      const desired = { users: [{ name: 'a.b', sudo: true }, { name: 'ben', sudo: false }, { name: 'cleo' }] }
      expect(await plan(desired)).toEqual(['create file', 'remove file', 'remove file'])
      await make(desired)
      expect(await machine.run('ls /etc/sudoers.d | grep -e chaos -e charonte; sudo -l -U a.b | tail -1; sudo -l -U ben | tail -1 | cut -d" " -f1-5')).toBe('99-charonte-cleo\nchaos-a+b\n    (ALL : ALL) ALL\nUser ben is not allowed\n')
    }, { sudoers: '@includedir /etc/sudoers.d\n' }))

  test('a rule is a text or a map; a wrong one never goes live', () =>
    withMachine(async ({ machine, make, apply }) => {
      await make({ users: [{ name: 'ana', sudo: 'ALL=(www-data) NOPASSWD: /usr/bin/id' }, { name: 'ben', sudo: 'ben ALL=(ALL) /usr/bin/id' }, { name: 'cleo', sudo: { commands: ['/usr/bin/id', '/usr/bin/env'] } }] })
      expect(await machine.run('cat /etc/sudoers.d/chaos-*')).toBe('ana ALL=(www-data) NOPASSWD: /usr/bin/id\nben ALL=(ALL) /usr/bin/id\ncleo ALL=(ALL:ALL) /usr/bin/id, /usr/bin/env\n')
      expect((await apply({ users: [{ name: 'ana', sudo: 'NOPASSWD' }] })).errors[0]?.code).toBe('CHANGE_FAILED')
      expect(await machine.run('cat /etc/sudoers.d/chaos-ana')).toContain('www-data')
    }))

  test('a group that a role before it brings is that one; a missing one is made as a package would make it, and is kept when nobody is in it', () =>
    withMachine(async ({ machine, apply, make }) => {
      // What an installation does, as far as groups go.
      const packages = defineRole(() => [server.shell({ commands: 'groupadd --system --gid 877 harbour', creates: '/run/installed' }), server.shell({ commands: 'touch /run/installed', creates: '/run/installed' })])
      const desired = { users: [{ name: 'ana', groups: ['harbour', 'pier'] }] }
      const first = await apply(desired, { roles: { packages, users: role } })
      expect([first.errors, first.operations.filter((line) => line.includes('server.group'))]).toEqual([[], ['server.group pier: changed']])
      expect(await machine.run('getent group harbour; [ "$(getent group pier | cut -d: -f3)" -lt 1000 ] && id -nG ana')).toBe('harbour:x:877:ana\nana harbour pier\n')
      expect(await make(desired)).toEqual([])
      const dropped = await apply({ users: [{ name: 'ana', groups: [] }] })
      expect(summaries(dropped)).toEqual(['groups −harbour −pier'])
      expect(dropped.plan.hosts[0]?.roles[0]?.kept).toEqual([expect.stringContaining('the group pier: it was made for somebody to be in it')])
      expect(await make({ groups: [{ name: 'pier', state: 'absent' }], users: [{ name: 'ana', groups: [] }] })).toEqual(['remove group'])
    }))

  test('groups are declared by name or with an id; one that the role added goes when nobody but who goes is in it', () =>
    withMachine(async ({ machine, apply, make }) => {
      await make({ groups: ['pier', { name: 'dock', gid: 1500 }], users: [{ name: 'ana', group: 'pier', groups: ['dock'] }, { name: 'ben', group: 1500 }] })
      expect(await machine.run('id -gn ana; id -gn ben')).toBe('pier\ndock\n')
      const { plan, errors } = await apply({ groups: [], users: [{ name: 'ben' }] })
      expect([errors, plan.hosts[0]?.roles[0]?.kept]).toEqual([[], ['the group dock: ben is in it']])
      expect(await machine.run('getent group pier || echo gone; getent group dock | cut -d: -f1')).toBe('gone\ndock\n')
    }))

  test('passwords come from user_secrets where the run has secrets; without, none is managed; a plain text is refused before anything changes', () =>
    withMachine(async ({ machine, apply, make }) => {
      const shadow = async () => (await machine.run('getent shadow ana | cut -d: -f2')).trim()
      const users = [{ name: 'ana' }, { name: 'ben', password: secret(HASH) }]
      await make({ users }, { secrets: async () => ({ user_secrets: { ana: { password: secret(HASH) }, ben: { password: secret(HASH.replace('4xG0', 'other')) } } }) })
      expect([await shadow(), (await machine.run('getent shadow ben | cut -d: -f2')).trim()]).toEqual([HASH, HASH])
      expect(await make({ users: [{ name: 'ana' }, { name: 'ben' }] })).toEqual([])
      const plain = await apply({ users: [{ name: 'ana' }, { name: 'new' }, { name: 'ben' }] }, { secrets: async () => ({ user_secrets: { ana: { password: 'correct horse' } } }) })
      expect(plain.errors[0]).toMatchObject({ code: 'OPERATION_ARGUMENTS', message: expect.stringContaining('that of ana is no hash') })
      expect(JSON.stringify(plain.events)).not.toContain('horse')
      const odd = await apply({ users: [{ name: 'ana' }] }, { secrets: async () => ({ user_secrets: { ana: 'x' } }) })
      expect(odd.errors[0]).toMatchObject({ code: 'USER_SECRETS', message: expect.stringContaining('user_secrets.ana') })
      expect(await machine.run('getent passwd new || echo nobody')).toBe('nobody\n')
    }))

  test('what cannot be read fails the role, and never looks like nobody there', () =>
    withMachine(async ({ machine, apply }) => {
      await machine.run('useradd -m -s /bin/bash ben; mv /usr/bin/getent /usr/bin/getent.real; printf "#!/bin/sh\\nexit 1\\n" >/usr/bin/getent; chmod 755 /usr/bin/getent')
      const { errors, hosts, plan } = await apply({ hostname: 'other', users: { list: [{ name: 'ana' }], exclusive: true } })
      expect([errors[0]?.code, hosts[0]?.state, plan.changes.operations]).toEqual(['FACT_FAILED', 'failed', 0])
      expect(errors[0]?.message).toContain('getent passwd ended with 1')
      expect(await machine.run('hostname; cut -d: -f1 /etc/passwd | grep -x -e ben -e ana')).toBe('machine\nben\n')
    }))

  test('a dry run leaves no trace', () =>
    withMachine(async ({ machine, plan }) => {
      await machine.run('useradd -m ben; mkdir ~ben/.ssh; chown ben: ~ben/.ssh; sleep 0.05; touch /run/mark')
      expect(await plan({ hostname: 'other', groups: ['pier'], users: { list: [{ name: 'ana', sudo: true, keys: [KEY.laptop] }, { name: 'ben', keys: [KEY.desk], exclusive_keys: true, shell: 'bash' }], exclusive: true } })).not.toEqual([])
      expect(await machine.run('find /etc /home /root /var /usr /opt -xdev -newer /run/mark; hostname')).toBe('machine\n')
    }))

  test('who was removed by hand and is no longer declared is forgotten; who is declared is made again', () =>
    withMachine(async ({ machine, make, remembered }) => {
      await make({ users: [{ name: 'ana' }, { name: 'ben' }] })
      await machine.run('userdel ana; userdel -r ben')
      await make({ users: [{ name: 'ben' }] })
      expect(Object.keys(await remembered())).toEqual(['user:ben'])
      await machine.run('useradd ana')
      expect(await make({ users: [{ name: 'ben' }] })).toEqual([])
      await make({ users: [{ name: 'ben', state: 'absent', remove_home: true }] })
      expect([await remembered(), await machine.run('ls /home')]).toEqual([{}, 'ana\n'])
    }))

  test('an account keeps what the role noted of it through changes of its own', () =>
    withMachine(async ({ machine, make }) => {
      await make({ users: [{ name: 'ana', shell: 'sh', remove_home: true }] })
      await make({ users: [{ name: 'ana', shell: 'bash', comment: 'Ana', remove_home: true }] })
      expect(await make({ users: [] })).toEqual(['remove user and its home /home/ana'])
      expect(await machine.run('ls /home')).toBe('')
    }))

  test('a memory that somebody else wrote into removes nobody and lets nobody in', () =>
    withMachine(async ({ machine, apply }) => {
      await machine.run(`useradd -m ben; useradd -m cleo; mkdir -p /var/lib/chaos/state; cat >/var/lib/chaos/state/users.json <<'END'
{"version":1,"items":{"user:root":true,"user:ben":"x","user:cleo":{"shell":7},"user:-r":{},"user:../x":{},"key:ben $(id)":true,"sudo:../../passwd":true,"group:root":true,"sudo:ben":{"content":5}}}
END`)
      const { plan, errors } = await apply({ groups: [], users: [] })
      expect([errors, plan.changes.removals]).toEqual([[], 0])
      expect(plan.hosts[0]?.roles[0]?.kept).toEqual([
        'the user root: it is who is connected',
        'the user ben: what was noted when it was added cannot be read',
        'the user cleo: what was noted when it was added cannot be read',
        'the group root: administrators are in it',
      ])
      expect(await machine.run('getent passwd root ben cleo | cut -d: -f1')).toBe('root\nben\ncleo\n')
    }))

  test('the example of the README does what it says', () =>
    withMachine(async ({ machine, make }) => {
      const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
      const { value } = await plainYaml(/```yaml\n([^]*?)```/.exec(readme)?.[1] ?? '')
      await machine.run('useradd ben')
      await make(value as Record<string, unknown>)
      expect(await machine.run('hostname; id -Gn ana; getent group deploy; grep -c ana@laptop ~ana/.ssh/authorized_keys; su -s /bin/sh ana -c "sudo -n /usr/bin/id -u"; getent passwd ben || echo gone')).toBe('web-1\nana www-data deploy\ndeploy:x:1500:ana\n1\n0\ngone\n')
    }, { sudoers: '@includedir /etc/sudoers.d\n' }))

  test('30 accounts with keys, groups and rules are made in one run, and cost 2 exchanges when nothing is to do', () =>
    withMachine(async ({ make }) => {
      const users = Array.from({ length: 30 }, (_, index) => ({ name: `u${index}`, shell: 'sh', groups: ['pier'], keys: [KEY.laptop, KEY.desk], sudo: { commands: ['/usr/bin/id'] }, ...(index % 2 === 0 ? { uid: 1700 + index } : {}) }))
      expect(await make({ groups: ['pier'], users })).toHaveLength(91)
    }, { sudoers: '@includedir /etc/sudoers.d\n' }))
})
