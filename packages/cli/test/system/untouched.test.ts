import { secret } from '@chaos/core'
import { noDebian } from '@chaos/testkit'
import type { Debian } from '@chaos/testkit'
import { describe, expect, test } from 'vitest'
import { applySystem, by, outcomeOf, startSystem } from './whole-systems.ts'
import type { System, Way } from './whole-systems.ts'

const reason = noDebian()

const HASH = '$6$chaostwins$P4zKk4aaKA.jC/N8oevpQAUa3bYvexAKTH6JGfesmaI7dZgLlSUtb3ifoVXtIFxN1rVhJRDxvzVJNst3bRSCB1'
const SYSTEM: System = {
  hostname: 'declared',
  packages: { list: ['cron', { name: 'less', state: 'absent' }], update: true },
  groups: ['ops'],
  users: [{ name: 'ana', groups: ['ops', 'crontab'], sudo: true, keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDpM1oR7Lwlr1Ti5pUQbXgLwF2mUzqB0a7q3c8m0Hc2k ana@desk'] }],
  files: [{ path: '/etc/motd', content: 'hello\n' }],
  services: [{ name: 'cron' }, { name: 'ssh', running: false, on_boot: false }],
}

// Every file there is, with all times but that of reading. What is mounted goes its own ways, and so do the logs of sshd and systemd.
const MANIFEST = `find / -xdev \\( -path /var/log -o -path /run -o -path /tmp \\) -prune -o -printf '%p %y %m %U:%G %s %T@ %C@ %l\\n' | sort`

describe.skipIf(reason !== undefined)(`a machine that must not be touched${reason === undefined ? '' : ` (${reason})`}`, { timeout: 600_000 }, () => {
  const unitsOf = (machine: Debian): Promise<string> => machine.run('systemctl list-unit-files --no-legend; systemctl show ssh --property=InvocationID,ActiveState')

  test.each<Way>(['docker', 'ssh'])('a dry run of all roles tells what would be done, and touches no file, no unit and no index of packages (%s)', async (way) => {
    const machine = await startSystem()
    const before = [await machine.run(MANIFEST), await unitsOf(machine)]
    const dry = await applySystem(SYSTEM, { host: by(way, machine), dry: true })
    expect(dry.errors).toEqual([])
    expect(dry.plan.hosts[0]?.roles.map(({ role, error, operations }) => [role, error, operations.some(({ verdict }) => verdict !== 'same')])).toEqual(
      ['users', 'packages', 'files', 'services'].map((role) => [role, undefined, true]),
    )
    expect([await machine.run(MANIFEST), await unitsOf(machine)]).toEqual(before)
    await machine.close()
  })

  // A program that does what it did, and then fails, or only fails.
  const broken = (program: string, instead: string): string => `set -e
mv ${program} ${program}.real
printf '#!/bin/sh\\n%s\\necho no cheese >&2\\nexit 9\\n' '${instead}' >${program}
chmod 755 ${program}`

  const ALL_BUT_CRON = { packages: { list: ['cron'], exclusive: true } }
  const ALL_BUT_ANA = { users: { list: [{ name: 'ana' }], exclusive: true } }
  test.each<[string, string, System, RegExp]>([
    ['a database of packages that cannot be parsed', "printf 'Package: half\\nStatus: what\\n' >>/var/lib/dpkg/status", ALL_BUT_CRON, /parsing file '\/var\/lib\/dpkg\/status'/],
    ['a dpkg-query that fails', broken('/usr/bin/dpkg-query', ':'), ALL_BUT_CRON, /no cheese/],
    ['a dpkg-query that fails after half its answer', broken('/usr/bin/dpkg-query', '"$0.real" "$@" | head -n 5'), ALL_BUT_CRON, /no cheese/],
    ['a shadow file that cannot be read', 'mv /etc/shadow /etc/shadow.real; mkdir /etc/shadow', { users: [{ name: 'admin', password: secret(HASH) }] }, /\/etc\/shadow|shadow/],
    ['a getent that fails', broken('/usr/bin/getent', ':'), ALL_BUT_ANA, /no cheese/],
    ['a getent that fails after half its answer', broken('/usr/bin/getent', '"$0.real" "$@" | head -n 2'), ALL_BUT_ANA, /no cheese/],
    ['a bus that is dead', 'for each in /run/systemd/private /run/dbus/system_bus_socket; do mv $each $each.real; done', { services: { list: [], exclusive: true } }, /Failed to connect to bus/],
    ['a bus that is dead, for a service that is to go off', 'for each in /run/systemd/private /run/dbus/system_bus_socket; do mv $each $each.real; done', { services: [{ name: 'ssh', running: false, on_boot: false }] }, /Failed to connect to bus/],
  ])('%s fails the role with the reason, and nothing is done', async (_, breakIt, system, why) => {
    const machine = await startSystem()
    await machine.run(breakIt)
    const before = await machine.run(MANIFEST)
    const applied = await applySystem(system, { host: by('docker', machine) })
    expect(outcomeOf(applied)).toEqual({ state: 'failed', changes: 0, errors: [expect.objectContaining({ message: expect.stringMatching(why) as unknown })] })
    expect(await machine.run(MANIFEST)).toBe(before)
    await machine.close()
  })
})
