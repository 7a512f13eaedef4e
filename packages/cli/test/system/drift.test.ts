import { noDebian } from '@chaos/testkit'
import { describe, expect, test } from 'vitest'
import { difference, look } from './subjects.ts'
import { NOTHING, applySystem, by, outcomeOf, startSystem } from './whole-systems.ts'
import type { System, Way } from './whole-systems.ts'

const reason = noDebian()

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDpM1oR7Lwlr1Ti5pUQbXgLwF2mUzqB0a7q3c8m0Hc2k ana@desk'
const UNIT = '[Unit]\nDescription=Ours\n\n[Service]\nExecStart=/bin/sleep infinity\n\n[Install]\nWantedBy=multi-user.target\n'
const SYSTEM: System = {
  hostname: 'declared',
  packages: { list: ['cron', 'jq'], update: true },
  groups: [{ name: 'ops', gid: 3000 }],
  users: [{ name: 'ana', shell: '/bin/bash', uid: 2000, groups: ['ops', 'crontab'], sudo: true, keys: [KEY] }],
  services: [{ name: 'cron' }, { name: 'ours', unit: UNIT }],
}
const NO_LONGER: System = { packages: [], groups: [], users: [], services: [] }

const DRIFT = `set -e
hostnamectl set-hostname drifted
apt-get -qq -y remove jq >/dev/null 2>&1
groupmod --gid 3333 ops
usermod --shell /bin/sh --groups games ana
: >/home/ana/.ssh/authorized_keys
chmod 777 /home/ana/.ssh
rm /etc/sudoers.d/chaos-ana
systemctl --quiet disable --now cron
systemctl stop ours
printf '[Service]\\nExecStart=/bin/sleep 1\\n' >/etc/systemd/system/ours.service
systemctl daemon-reload`

/** What stays of what went, as with Debian's own tools. */
const STAYS = {
  // Not without `remove_home`; the files are of the number that ana had.
  homes: ['ana d 755', 'ana/.bash_logout f 644', 'ana/.bashrc f 644', 'ana/.profile f 644', 'ana/.ssh d 700', 'ana/.ssh/authorized_keys f 600'].map((each) => `+ ${each} 2000 2000`),
  // What packages brought along is apt's to take away (autoremove); removed is not purged.
  packages: [/^\+ cron \S+ rc $/, /^\+ cron-daemon-common /, /^\+ libjq1 /, /^\+ libonig5 /].map((each) => expect.stringMatching(each) as unknown),
  groups: [expect.stringMatching(/^\+ crontab:x:\d+:$/)],
  links: ['+ multi-user.target.wants/cron.service l 777 /lib/systemd/system/cron.service'],
}

// One of each kind that ours must stay apart from.
const STRANGERS = `set -e
apt-get -qq update
apt-get -qq -y --no-install-recommends install make >/dev/null 2>&1
groupadd strangers
useradd --create-home --groups strangers stranger
install -d -o stranger -m 700 /home/stranger/.ssh
echo '${KEY}' >/home/stranger/.ssh/authorized_keys
(umask 337; echo 'stranger ALL=(ALL) ALL' >/etc/sudoers.d/stranger)
printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/strange.service
systemctl --quiet enable --now strange`

describe.skipIf(reason !== undefined)(`a system that is declared${reason === undefined ? '' : ` (${reason})`}`, { timeout: 600_000 }, () => {
  test.each<Way>(['docker', 'ssh'])('drift of every kind is found and mended (%s)', async (way) => {
    const machine = await startSystem()
    const host = by(way, machine)
    expect(outcomeOf(await applySystem(SYSTEM, { host }))).toMatchObject({ errors: [], state: 'changed' })
    const declared = await look(machine)
    await machine.run(DRIFT)
    expect(await look(machine)).not.toEqual(declared)

    expect(outcomeOf(await applySystem(SYSTEM, { host }))).toMatchObject({ errors: [], state: 'changed' })
    expect(await look(machine)).toEqual(declared)
    expect(outcomeOf(await applySystem(SYSTEM, { host }))).toEqual(NOTHING)
    await machine.close()
  })

  test('what is no longer declared goes where chaos added it, and nothing else does', async () => {
    const machine = await startSystem()
    const host = by('docker', machine)
    await machine.run(STRANGERS)
    const before = await look(machine)
    const { hostname: _, ...system } = SYSTEM
    expect(outcomeOf(await applySystem({ ...system, packages: { list: ['cron', 'jq', 'make'], update: true } }, { host }))).toMatchObject({ errors: [], state: 'changed' })

    expect(outcomeOf(await applySystem(NO_LONGER, { host }))).toMatchObject({ errors: [], state: 'changed' })
    expect(difference(before, await look(machine))).toEqual(STAYS)
    expect(outcomeOf(await applySystem(NO_LONGER, { host }))).toEqual(NOTHING)
    await machine.close()
  })

  test('a key that is gone from the Ch-obolo removes nothing', async () => {
    const machine = await startSystem()
    const host = by('docker', machine)
    await applySystem(SYSTEM, { host })
    const declared = await look(machine)
    expect(outcomeOf(await applySystem({ hostname: 'declared' }, { host }))).toEqual(NOTHING)
    expect(await look(machine)).toEqual(declared)
    await machine.close()
  })
})
