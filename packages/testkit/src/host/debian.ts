import type { Os } from '@chaos/core'

/** What a Debian 12 tells of itself, to a root login. */
export const debian: Os = Object.freeze({
  id: 'debian',
  like: [],
  version: '12',
  name: 'Debian GNU/Linux 12 (bookworm)',
  kernel: 'linux',
  release: '6.1.0-18-amd64',
  arch: 'x86_64',
  hostname: 'fake',
  user: 'root',
  uid: 0,
  gid: 0,
  groups: ['root'],
  home: '/root',
  init: 'systemd',
  packageManagers: ['apt-get'],
  tools: ['stat', 'sha256sum', 'base64', 'setsid', 'sudo', 'systemctl', 'useradd', 'curl', 'git', 'tar'],
  shell: 'dash',
  bootId: '00000000-0000-0000-0000-000000000001',
  time: Date.UTC(2026, 0, 1),
})
