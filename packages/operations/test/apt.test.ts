import { noSshd, startMachine } from '@chaos/testkit'
import type { Machine } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apt, server } from '../src/index.ts'
import { aptGetWithin } from '../src/apt/command.ts'
import { publish, REFRESH } from './support/apt-repository.ts'
import { onMachine } from './support/on-machine.ts'
import type { OnMachine } from './support/on-machine.ts'

const missing = noSshd()

const REPOSITORY = [
  { name: 'aaa', version: '1.0' },
  { name: 'aaa', version: '2.0' },
  { name: 'bbb', fields: ['Depends: aaa'] },
  { name: 'g+++' },
  { name: 'lib1.0' },
  { name: 'libx1y0' },
  { name: 'ccc', fields: ['Conflicts: bbb'] },
  { name: 'postman', fields: ['Provides: mail-agent'] },
  { name: 'pigeon', fields: ['Provides: mail-agent'] },
  { name: 'wants', fields: ['Recommends: aaa'] },
  { name: 'broken', fields: ['Depends: not-there'] },
  { name: 'failing', postinst: '[ -e /srv/works ]' },
  ...Array.from({ length: 20 }, (_, index) => ({ name: `many${index}` })),
]

const NEWER = [...REPOSITORY, { name: 'aaa', version: '3.0' }, { name: 'fresh' }]

describe.skipIf(missing)(`packages of Debian${missing ? ` (${missing})` : ''}`, () => {
  let machine: Machine
  let on: OnMachine
  const versions = async (...names: string[]): Promise<string> =>
    (await machine.run(`dpkg-query -W -f '\${Package} \${Version} \${db:Status-Abbrev}\\n' ${names.join(' ')} 2>/dev/null | grep -v ' un' || true`)).trim().replaceAll(/ +$/gm, '')
  const manual = async (): Promise<string[]> => (await machine.run('apt-mark showmanual')).trim().split('\n')
  const plan = async (...ops: Parameters<OnMachine['apply']>[0]): Promise<string[]> => {
    const { plan, errors } = await on.apply(ops, { dry: true })
    if (errors[0]) throw new Error(`${errors[0].code}: ${errors[0].message}`)
    return plan.hosts.flatMap(({ roles }) => roles.flatMap(({ operations }) => operations.flatMap(({ verdict, reason, changes }) => (verdict === 'later' ? [`later: ${reason}`] : changes.map(({ summary }) => summary)))))
  }
  const apply = async (...ops: Parameters<OnMachine['apply']>[0]) => {
    const applied = await on.apply(ops)
    expect(applied.errors).toEqual([])
    return applied
  }
  const reset = async (): Promise<void> => {
    await machine.run(`apt-mark unhold aaa >/dev/null 2>&1; dpkg --purge bbb ccc aaa g+++ lib1.0 libx1y0 postman pigeon wants failing >/dev/null 2>&1; dpkg --purge $(dpkg-query -W -f '\${Package} ' 'many*') >/dev/null 2>&1; true`)
  }

  beforeAll(async () => {
    machine = await startMachine()
    on = onMachine(machine)
    await machine.run(`${publish(REPOSITORY)}\n${REFRESH}`)
  })
  afterAll(async () => {
    await on?.close()
    await machine?.close()
  })

  test('packages come in one command, and a second run has nothing to do, in 2 exchanges', async () => {
    await reset()
    const operation = () => apt.packages({ packages: ['aaa=1.0', 'bbb', 'g+++', 'lib1.0'] })
    expect(await plan(operation())).toEqual(['install aaa 1.0, bbb 1.0, g+++ 1.0, lib1.0 1.0'])
    await apply(operation())
    expect(await versions('aaa', 'bbb', 'g+++', 'lib1.0', 'libx1y0')).toBe('aaa 1.0 ii\nbbb 1.0 ii\ng+++ 1.0 ii\nlib1.0 1.0 ii')
    const again = await apply(operation())
    expect(again.end.operations).toMatchObject({ changed: 0, ok: 1 })
    expect(again.hosts[0]?.exchanges).toBe(2)
  })

  test('many packages are one command of apt, and one change', async () => {
    await reset()
    await machine.run('mkdir -p /var/log/apt; rm -f /var/log/apt/history.log')
    const { plan } = await apply(server.packages({ packages: Array.from({ length: 20 }, (_, index) => `many${index}`) }))
    expect(plan.changes).toMatchObject({ operations: 1, removals: 0 })
    expect((await machine.run('grep -c ^Commandline /var/log/apt/history.log')).trim()).toBe('1')
    expect((await versions('many*')).split('\n')).toHaveLength(20)
  })

  test('a name is never a pattern: what is unknown is an error, however alike something known is called', async () => {
    await reset()
    for (const name of ['libx1.0', 'g++++', 'aa.', 'aaa+', 'g+', 'lib.']) {
      await expect(plan(apt.packages({ packages: [name] })), name).rejects.toThrow(`PACKAGE_UNKNOWN: @machine/root knows no package ${name}:`)
    }
    await expect(plan(apt.packages({ packages: ['aaa=3.0'] }))).rejects.toThrow('knows no package aaa=3.0')
    await expect(plan(apt.packages({ packages: ['aaa-'] }))).rejects.toThrow('PACKAGE_NAME')
    for (const name of ['-aaa', '--help', 'aaa bbb', 'aaa*', '^aaa$', 'aaa;reboot', '', 'aaa=', 'aaa=1=2', 'aaa/testing\n']) expect(() => apt.packages({ packages: [name] }), name).toThrow('was given arguments')
    expect(() => apt.packages({ packages: [{ name: 'aaa', version: '1.0', state: 'absent' }] })).toThrow('a version makes sense for a package that is present')
    await expect(plan(apt.packages({ packages: ['aaa=1.0', { name: 'aaa', state: 'absent' }] }))).rejects.toThrow('asked for twice, and differently: 1.0 and absent')
  })

  test('a version is the one that is asked for; backwards only when that is allowed; latest is what is offered', async () => {
    await reset()
    await apply(apt.packages({ packages: ['aaa=1.0'] }))
    expect(await plan(apt.packages({ packages: ['aaa'] }))).toEqual([])
    const latest = apt.packages({ packages: [{ name: 'aaa', state: 'latest' }] })
    expect(await plan(latest)).toEqual(['aaa 1.0 → 2.0'])
    await apply(latest)
    expect((await apply(latest)).hosts[0]?.exchanges).toBe(2)
    await expect(plan(apt.packages({ packages: ['aaa=1.0'] }))).rejects.toThrow('PACKAGES_IMPOSSIBLE: apt cannot do this on @machine/root: Packages were downgraded')
    await apply(apt.packages({ packages: ['aaa=1.0'], allowDowngrades: true }))
    expect(await versions('aaa')).toBe('aaa 1.0 ii')
  })

  test('what is on hold stays as it is, and is an error where it would have to change', async () => {
    await reset()
    await apply(apt.packages({ packages: ['aaa=1.0'] }))
    await machine.run('apt-mark hold aaa')
    expect(await plan(apt.packages({ packages: [{ name: 'aaa', state: 'latest' }] }))).toEqual([])
    await expect(plan(apt.packages({ packages: ['aaa=2.0'] }))).rejects.toThrow('PACKAGE_HELD: The package aaa is on hold on @machine/root, and would be changed from 1.0 to 2.0.')
    await expect(plan(apt.packages({ packages: [{ name: 'aaa', state: 'absent' }] }))).rejects.toThrow('would be removed')
  })

  test('all that would go is in the plan by name, counted against what somebody asked for, and nothing else goes', async () => {
    await reset()
    await apply(apt.packages({ packages: ['bbb', 'aaa'] }))
    const removal = apt.packages({ packages: [{ name: 'aaa', state: 'absent' }] })
    const { plan: dry } = await on.apply([removal], { dry: true })
    const [change] = dry.hosts[0]?.roles[0]?.operations[0]?.changes ?? []
    const of = (await manual()).length
    expect(change).toMatchObject({ summary: 'remove aaa, bbb', removed: ['aaa', 'bbb'].map((name) => ({ kind: 'package', name, of })) })
    expect(dry.changes.removals).toBe(2)
    await apply(removal)
    expect(await versions('aaa', 'bbb')).toBe('')
    expect((await apply(removal)).hosts[0]?.exchanges).toBe(2)
  })

  test('a package that would take away what the host stands on is refused', async () => {
    await expect(plan(apt.packages({ packages: [{ name: 'apt', state: 'absent' }] }))).rejects.toThrow('PROTECTED: The package apt is never removed')
  })

  test('what conflicts goes as what replaces it comes, in the plan and in one command', async () => {
    await reset()
    await apply(apt.packages({ packages: ['bbb'] }))
    expect(await plan(apt.packages({ packages: ['ccc'] }))).toEqual(['install ccc 1.0', 'remove bbb'])
    await apply(apt.packages({ packages: ['ccc', { name: 'bbb', state: 'absent' }] }))
    expect(await versions('bbb', 'ccc')).toBe('ccc 1.0 ii')
  })

  test('a command that would take more than was planned does nothing', async () => {
    await reset()
    await apply(apt.packages({ packages: ['bbb'] }))
    const within = (allowed: string[]) => machine.run(aptGetWithin(allowed, 'install', [], ['aaa:amd64-']).text)
    await machine.run('dpkg --print-architecture | grep -qx amd64')
    await expect(within([])).rejects.toThrow('remove is disabled')
    await expect(within(['aaa'])).rejects.toThrow('bbb would be removed too, which was not in the plan')
    expect(await versions('aaa', 'bbb')).toBe('aaa 2.0 ii\nbbb 1.0 ii')
    await within(['aaa', 'bbb'])
    expect(await versions('aaa', 'bbb')).toBe('')
  })

  test('removed packages leave their configuration, unless they are purged, at once or later', async () => {
    await reset()
    await apply(apt.packages({ packages: ['bbb'] }))
    await apply(apt.packages({ packages: [{ name: 'bbb', state: 'absent' }] }))
    await machine.run(`printf 'Package: conf\\nStatus: deinstall ok config-files\\nArchitecture: all\\nVersion: 1\\nMaintainer: t\\nDescription: t\\nConffiles:\\n /etc/conf-of-it d41d8cd98f00b204e9800998ecf8427e\\n\\n' >>/var/lib/dpkg/status`)
    const absent = (purge: boolean) => apt.packages({ packages: [{ name: 'conf', state: 'absent' }], purge })
    expect(await plan(absent(false))).toEqual([])
    expect(await plan(absent(true))).toEqual(['purge the configuration of conf'])
    await apply(absent(true))
    expect(await plan(absent(true))).toEqual([])
  })

  test('a virtual package is there when something installed provides it; else one of those that do has to be named', async () => {
    await reset()
    await expect(plan(apt.packages({ packages: ['mail-agent'] }))).rejects.toThrow(/several provide, so one of them has to be named .*pigeon 1\.0/)
    await apply(apt.packages({ packages: ['postman'] }))
    expect(await plan(apt.packages({ packages: ['mail-agent'] }))).toEqual([])
  })

  test('what is only there as a dependency is marked as asked for, so that nothing takes it away', async () => {
    await reset()
    await apply(apt.packages({ packages: ['bbb'] }))
    expect(await manual()).not.toContain('aaa')
    expect(await plan(apt.packages({ packages: ['aaa'] }))).toEqual(['mark as asked for: aaa'])
    await apply(apt.packages({ packages: ['aaa'] }))
    expect(await manual()).toContain('aaa')
  })

  test('recommended packages come along and are named, unless they are left out', async () => {
    await reset()
    expect(await plan(apt.packages({ packages: ['wants'] }))).toEqual(['install wants 1.0, with aaa'])
    await apply(apt.packages({ packages: ['wants'], noRecommends: true }))
    expect(await versions('wants', 'aaa')).toBe('wants 1.0 ii')
  })

  test('what cannot be installed says why', async () => {
    await expect(plan(apt.packages({ packages: ['broken'] }))).rejects.toThrow('broken : Depends: not-there but it is not installable')
  })

  test('a package that is half there counts as not installed, and is finished', async () => {
    await reset()
    await machine.run('rm -f /srv/works')
    const { errors } = await on.apply([apt.packages({ packages: ['failing'] })])
    expect(errors[0]?.code).toBe('CHANGE_FAILED')
    expect(await versions('failing')).toBe('failing 1.0 iF')
    await machine.run('touch /srv/works')
    expect(await plan(apt.packages({ packages: ['failing', 'aaa'] }))).toEqual(['finish the installation that was cut off: failing', 'install failing, aaa 2.0'])
    await apply(apt.packages({ packages: ['failing', 'aaa'] }))
    expect(await versions('failing', 'aaa')).toBe('aaa 2.0 ii\nfailing 1.0 ii')
    await reset()
    await machine.run('dpkg --unpack /srv/repository/failing_1.0_all.deb')
    await apply(apt.packages({ packages: ['failing'] }))
    expect(await versions('failing')).toBe('failing 1.0 ii')
  })

  test('a dry run touches nothing: no index, no cache, no lock', async () => {
    await reset()
    await machine.run('touch /tmp/before; rm -rf /var/cache/apt/*.bin')
    const marked = "find /var /etc /usr /srv -xdev -newer /tmp/before ! -type d | grep -v '^/var/log/' || true"
    await machine.run('touch -d "1 second ago" /tmp/before')
    const before = await machine.run(marked)
    await plan(
      apt.packages({ packages: ['bbb', { name: 'aaa', state: 'latest' }, { name: 'apt-utils', state: 'absent' }], update: true, cacheTime: 60 }),
      apt.update({ cacheTime: 60 }),
      apt.upgrade({ update: true, full: true, autoremove: true }),
    )
    expect(await machine.run(marked)).toBe(before)
  })

  describe('a lock that another process holds', () => {
    const LOCK = 'use Fcntl; open(F, ">>", $ARGV[0]) or die; $l = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die; open(R, ">", "/tmp/held"); close R; select(undef, undef, undef, 0.02) while ! -e "/tmp/release"'

    test.each([
      ['/var/lib/dpkg/lock-frontend', 'apt-get .* install .*'],
      ['/var/lib/apt/lists/lock', 'sleep 1'],
      ['/var/cache/apt/archives/lock', 'sleep 1'],
    ])('%s: is waited for', async (lock, waits) => {
      await reset()
      await machine.run(`rm -f /tmp/held /tmp/release /var/lib/apt/periodic/update-success-stamp; touch /etc/apt/sources.list.d/test.sources; perl -e '${LOCK}' ${lock} >/dev/null 2>&1 & until [ -e /tmp/held ]; do sleep 0.05; done`)
      const applied = apply(apt.packages({ packages: ['aaa'], update: true }))
      await machine.run(`until pgrep -fx '${waits}' >/dev/null; do sleep 0.05; done`)
      expect(await versions('aaa')).toBe('')
      await machine.run('touch /tmp/release')
      await applied
      expect(await versions('aaa')).toBe('aaa 2.0 ii')
    })
  })

  describe('the index', () => {
    test('is refreshed when it is too old or older than the repositories, and only where something depends on it', async () => {
      await reset()
      await apply(apt.packages({ packages: ['aaa'] }))
      await machine.run(`${publish(NEWER)}\n${REFRESH}\ntouch /etc/apt/sources.list.d/test.sources`)
      expect(await plan(apt.packages({ packages: ['bbb'] }))).toEqual(['install bbb 1.0'])
      expect(await plan(apt.packages({ packages: ['aaa'], update: true }))).toEqual([])
      expect(await plan(apt.packages({ packages: ['bbb'], update: true }))).toEqual(['refresh the package index', 'install bbb 1.0'])
      await apply(apt.update({}))
      expect((await apply(apt.update({}))).hosts[0]?.exchanges).toBe(2)
      expect(await plan(apt.packages({ packages: ['bbb'], update: true }))).toEqual(['install bbb 1.0'])
      await machine.run('touch -d "2 hours ago" /var/lib/apt/lists /var/lib/apt/periodic/update-success-stamp /etc/apt/sources.list.d /etc/apt/sources.list.d/*')
      expect(await plan(apt.update({ cacheTime: 10_000 }), apt.update({ cacheTime: 3600 }))).toEqual(['refresh the package index'])
    })

    test('is refreshed on the way, with what it brings', async () => {
      await reset()
      await machine.run(`${publish(REPOSITORY)}\nrm -f /srv/repository/aaa_3.0_all.deb /srv/repository/fresh_1.0_all.deb\n${publish(REPOSITORY)}\n${REFRESH}`)
      await apply(apt.packages({ packages: ['aaa'] }))
      expect(await versions('aaa')).toBe('aaa 2.0 ii')
      await machine.run(publish(NEWER))
      const operation = apt.packages({ packages: [{ name: 'aaa', state: 'latest' }, 'fresh'], update: true })
      expect(await plan(operation)).toEqual(['refresh the package index', 'install fresh'])
      await apply(operation)
      expect(await versions('aaa', 'fresh')).toBe('aaa 3.0 ii\nfresh 1.0 ii')
      expect((await apply(operation)).hosts[0]?.exchanges).toBe(2)
    })

    test('that is missing is said, and known after apply where an earlier operation refreshes it', async () => {
      await reset()
      await machine.run(`${publish(NEWER)}\nrm -rf /var/lib/apt/lists/*`)
      await expect(plan(apt.packages({ packages: ['aaa'] }))).rejects.toThrow('PACKAGE_UNKNOWN: @machine/root knows no package aaa: its package index is missing')
      expect(await plan(apt.update({}), apt.packages({ packages: ['aaa'] }))).toEqual(['refresh the package index', 'later: after apt.update'])
      await apply(apt.update({}), apt.packages({ packages: ['aaa'] }))
      expect(await versions('aaa')).toBe('aaa 3.0 ii')
    })
  })

  test('an upgrade brings all that is newer, and has then nothing to do, in 2 exchanges', async () => {
    await reset()
    await machine.run(`${publish(NEWER)}\n${REFRESH}`)
    await apply(apt.packages({ packages: ['aaa=1.0', 'wants=1.0'] }))
    const operation = apt.upgrade({})
    expect(await plan(operation)).toEqual(['upgrade one package'])
    await apply(operation)
    expect(await versions('aaa')).toBe('aaa 3.0 ii')
    expect((await apply(operation)).hosts[0]?.exchanges).toBe(2)
  })

  test('what came along and is needed no more goes only where that is asked for, by name', async () => {
    await reset()
    await machine.run(`${publish(NEWER)}\n${REFRESH}`)
    await machine.run('apt-get -y -qq --auto-remove upgrade >/dev/null 2>&1; apt-get -y -qq autoremove >/dev/null 2>&1')
    await apply(apt.packages({ packages: ['bbb'] }))
    await apply(apt.packages({ packages: [{ name: 'bbb', state: 'absent' }] }))
    expect(await versions('aaa', 'bbb')).toBe('aaa 3.0 ii')
    expect(await plan(apt.upgrade({}))).toEqual([])
    const { plan: dry } = await on.apply([apt.upgrade({ autoremove: true })], { dry: true })
    expect(dry.hosts[0]?.roles[0]?.operations[0]?.changes[0]).toMatchObject({ summary: 'remove what is needed no more', removed: [{ kind: 'package', name: 'aaa' }] })
    await apply(apt.upgrade({ autoremove: true }))
    expect(await versions('aaa')).toBe('')
    expect((await apply(apt.upgrade({ autoremove: true }))).end.operations.changed).toBe(0)
  })

  test('a fact that cannot be read fails, and is never "nothing installed"', async () => {
    await machine.run('mv /usr/bin/dpkg-query /usr/bin/dpkg-query.away')
    try {
      const { errors } = await on.apply([apt.packages({ packages: ['aaa', { name: 'bbb', state: 'absent' }] })])
      expect(errors[0]).toMatchObject({ code: 'FACT_FAILED', message: expect.stringContaining('Cannot look at @machine/root (apt.inventory): ') })
    } finally {
      await machine.run('mv /usr/bin/dpkg-query.away /usr/bin/dpkg-query')
    }
  })
})
