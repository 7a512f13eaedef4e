import { noDebian } from '@chaos/testkit'
import type { Debian } from '@chaos/testkit'
import { describe, expect, test } from 'vitest'
import { NOTHING, applySystem, by, outcomeOf, planned, startSystem } from './whole-systems.ts'
import type { System, Way } from './whole-systems.ts'

const reason = noDebian()

// Both services come with the packages and run at once, so that one of them has to be stopped.
const PACKAGES_AND_SERVICES: System = {
  packages: { list: ['cron', 'incron'], update: true },
  services: [{ name: 'cron' }, { name: 'incron', running: false, on_boot: false }],
}

const UNIT = `[Unit]
Description=Counts its starts

[Service]
# What comes before is waited for by who starts it.
ExecStartPre=/bin/sh -c 'echo started >>/var/lib/counter'
ExecStart=/bin/sleep infinity

[Install]
WantedBy=multi-user.target
`

const restarting = (text: string): System => ({
  files: ['a', 'b', 'c'].map((name) => ({ path: `/etc/counter/${name}`, content: `${text}\n` })),
  services: [{ name: 'counter', unit: UNIT, restart_on: ['/etc/counter/a', '/etc/counter/b', '/etc/counter/c'] }],
})

describe.skipIf(reason !== undefined)(`roles that depend on each other, in one run${reason === undefined ? '' : ` (${reason})`}`, { timeout: 600_000 }, () => {
  const startsOf = async (machine: Debian): Promise<number> => (await machine.run('cat /var/lib/counter')).split('started').length - 1

  test.each<Way>(['docker', 'ssh'])('services whose packages are not there yet are known after apply, then right, then left alone (%s)', async (way) => {
    const machine = await startSystem()
    const host = by(way, machine)
    const dry = await applySystem(PACKAGES_AND_SERVICES, { host, dry: true })
    expect(dry.errors).toEqual([])
    expect(planned(dry, 'later')).toEqual(['systemd.service cron.service', 'systemd.service incron.service'])

    expect(outcomeOf(await applySystem(PACKAGES_AND_SERVICES, { host }))).toMatchObject({ errors: [], state: 'changed' })
    expect(await machine.run('systemctl is-active cron incron; systemctl is-enabled cron incron; :')).toBe('active\ninactive\nenabled\ndisabled\n')

    const again = await applySystem(PACKAGES_AND_SERVICES, { host })
    expect([outcomeOf(again), again.hosts[0]?.exchanges]).toEqual([NOTHING, 2])
    await machine.close()
  })

  test.each<Way>(['docker', 'ssh'])('a user is in a group that comes with a package of the same run (%s)', async (way) => {
    const machine = await startSystem()
    const host = by(way, machine)
    const system: System = { packages: { list: ['cron'], update: true }, users: [{ name: 'ana', groups: ['crontab'] }] }
    expect(outcomeOf(await applySystem(system, { host }))).toMatchObject({ errors: [], state: 'changed' })
    // It is the group of the package: the program has it too.
    expect(await machine.run('id --name --groups ana; stat --format %G /usr/bin/crontab')).toBe('ana crontab\ncrontab\n')

    const again = await applySystem(system, { host })
    expect([outcomeOf(again), again.hosts[0]?.exchanges]).toEqual([NOTHING, 2])
    await machine.close()
  })

  test.each<Way>(['docker', 'ssh'])('a service is restarted once when three of its files changed, and not when none did (%s)', async (way) => {
    const machine = await startSystem()
    const host = by(way, machine)
    expect(outcomeOf(await applySystem(restarting('one'), { host }))).toMatchObject({ errors: [], state: 'changed' })
    expect(await startsOf(machine)).toBe(1)

    expect(outcomeOf(await applySystem(restarting('two'), { host }))).toMatchObject({ errors: [], state: 'changed' })
    expect(await startsOf(machine)).toBe(2)
    expect(await machine.run('cat /etc/counter/*; systemctl is-active counter')).toBe('two\ntwo\ntwo\nactive\n')

    const again = await applySystem(restarting('two'), { host })
    expect([outcomeOf(again), again.hosts[0]?.exchanges]).toEqual([NOTHING, 2])
    expect(await startsOf(machine)).toBe(2)
    await machine.close()
  })

  test.each<Way>(['docker', 'ssh', 'sudo'])('with all roles of the project a run that has nothing to do takes two exchanges (%s)', async (way) => {
    const machine = await startSystem()
    const host = by(way, machine)
    const system: System = {
      packages: { list: ['cron', { name: 'incron', state: 'present' }], update: true },
      hostname: 'all-roles',
      groups: ['ops'],
      users: [{ name: 'ana', shell: '/bin/sh', groups: ['ops', 'crontab'], sudo: true, keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDpM1oR7Lwlr1Ti5pUQbXgLwF2mUzqB0a7q3c8m0Hc2k ana@desk'] }],
      ...restarting('one'),
    }
    expect(outcomeOf(await applySystem(system, { host }))).toMatchObject({ errors: [], state: 'changed' })
    const again = await applySystem(system, { host })
    expect([outcomeOf(again), again.hosts[0]?.exchanges]).toEqual([NOTHING, 2])
    await machine.close()
  })
})
