import { secret } from '@chaos/core'
import type { Task } from './ansible.ts'
import type { System } from './whole-systems.ts'

// crypt(3) of "correct horse": the same hash for both.
const HASH = '$6$chaostwins$P4zKk4aaKA.jC/N8oevpQAUa3bYvexAKTH6JGfesmaI7dZgLlSUtb3ifoVXtIFxN1rVhJRDxvzVJNst3bRSCB1'
const KEYS = [
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDpM1oR7Lwlr1Ti5pUQbXgLwF2mUzqB0a7q3c8m0Hc2k ana@desk',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0mA2nQeYcUqX1m2p1m9z5yJ7pT3E8QmU0cVt0mXk1v ana@laptop',
]
const UNIT = '[Unit]\nDescription=Twin\n\n[Service]\nExecStart=/bin/sleep infinity\n\n[Install]\nWantedBy=multi-user.target\n'
const SUDO = '/etc/sudoers.d/chaos-ana'
const RULE = 'ana ALL=(ALL:ALL) ALL\n'

/** What both find: a user and a package that are to go, a user who differs, a service that runs, a stranger of each kind. */
export const BEFORE = `set -e
apt-get -qq update
apt-get -qq -y install incron nano less >/dev/null 2>&1
useradd --create-home --shell /bin/sh gone
useradd --create-home --shell /bin/sh --groups games bob
useradd --create-home --shell /bin/sh stranger`

/** The twins as a Ch-obolo says it. */
export const SYSTEM: System = {
  packages: ['cron', 'jq', { name: 'nano', state: 'absent' }],
  hostname: 'twin',
  groups: [{ name: 'ops', gid: 3000 }],
  users: [
    { name: 'ana', shell: '/bin/bash', uid: 2000, groups: ['ops', 'crontab'], sudo: true, keys: KEYS, password: secret(HASH) },
    { name: 'bob', shell: '/bin/bash', groups: ['ops'] },
    { name: 'gone', state: 'absent' },
  ],
  files: [{ path: '/etc/systemd/system/twin.service', content: UNIT, owner: 'root', group: 'root', mode: '0644' }],
  services: [{ name: 'twin' }, { name: 'cron' }, { name: 'incron', running: false, on_boot: false }],
}

/** The same as tasks of Ansible. */
export const TASKS: readonly Task[] = [
  { name: 'hostname', hostname: { name: 'twin', use: 'systemd' } },
  { name: 'packages', apt: { name: ['cron', 'jq'], update_cache: true, cache_valid_time: 3600 } },
  { name: 'no nano', apt: { name: 'nano', state: 'absent' } },
  { name: 'group', group: { name: 'ops', gid: 3000 } },
  { name: 'ana', user: { name: 'ana', uid: 2000, shell: '/bin/bash', groups: ['ops', 'crontab'], password: HASH } },
  { name: 'keys', authorized_key: { user: 'ana', key: KEYS.join('\n') } },
  { name: 'sudo', copy: { dest: SUDO, content: RULE, mode: '0440', owner: 'root', group: 'root', validate: 'visudo -cf %s' } },
  { name: 'bob', user: { name: 'bob', shell: '/bin/bash', groups: ['ops'] } },
  { name: 'gone', user: { name: 'gone', state: 'absent' } },
  { name: 'unit', copy: { dest: '/etc/systemd/system/twin.service', content: UNIT, mode: '0644', owner: 'root', group: 'root' } },
  { name: 'twin', systemd: { name: 'twin', state: 'started', enabled: true, daemon_reload: true } },
  { name: 'cron', systemd: { name: 'cron', state: 'started', enabled: true } },
  { name: 'incron', systemd: { name: 'incron', state: 'stopped', enabled: false } },
]
