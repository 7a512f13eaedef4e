import { applyWith, connectorRunSuite, noSshd, startMachine, startSshd } from '@chaos/testkit'
import type { Applied, Machine, Sshd } from '@chaos/testkit'
import { defineConnector, sh } from '@chaos/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import local from '../../connector-local/src/index.ts'
import ssh from '../../connector-ssh/src/index.ts'
import { files } from '../../operations/src/index.ts'
import roleFiles from '../../role-files/src/index.ts'
import chroot from '../src/index.ts'
import { makeRoot, noBusybox, onMachine } from './support.ts'

const reason = noSshd() ?? noBusybox()
const connectors: Record<string, unknown> = { chroot, local, ssh }
const load = async (_: string, name: string): Promise<unknown> => connectors[name]

/** A tree of every kind, below a folder of the host. */
const tree = (root: string): unknown[] => [
  { path: `${root}/etc`, mode: '0750' },
  { path: `${root}/etc/plain`, content: "it's\nplain $HOME `id`\n" },
  { path: `${root}/etc/owned`, content: 'owned', owner: '1000', group: '1000', mode: '0640' },
  { path: `${root}/etc/empty`, content: '', mode: '4755' },
  { path: `${root}/odd name/☃ 'q' "d"`, content: 'odd' },
  { path: `${root}/large`, content: 'a line of a large file\n'.repeat(20_000), mode: '0600' },
  { path: `${root}/link`, target: 'etc/plain' },
]

describe.skipIf(reason !== undefined)(`apply in a root${reason === undefined ? '' : ` (${reason})`}`, () => {
  let machine: Machine
  beforeAll(async () => {
    machine = await startMachine()
    await machine.run(`(${makeRoot('/srv/root')}) && (${makeRoot('/srv/root/srv/inner')})`)
  })
  afterAll(() => machine?.close())

  const onIt = { chroot, local: defineConnector({ open: () => onMachine(machine) }) }
  const hosts = [
    { name: '@chroot/srv/root', root: '/srv/root', data: {} },
    { name: '@chroot/srv/root/@chroot/srv/inner', root: '/srv/root/srv/inner', data: { chroot_bind: ['proc'] } },
  ]
  for (const { name, root, data } of hosts) {
    const look = (script: string): Promise<string> => machine.run(sh`chroot ${root} /bin/sh -c ${script}`.text)
    connectorRunSuite({ name, host: () => ({ name, data }), connectors: onIt, look, owned: 1000, files, describe, it })
  }

  it('works on a machine over ssh, with mounts and by sudo, for 5 roots at once on one connection', async () => {
    const sshd: Sshd = await startSshd({ users: { ana: {} }, sudoers: 'ana ALL=(ALL) NOPASSWD: ALL\n' })
    try {
      const names = [1, 2, 3, 4, 5].map((number) => `/srv/root${number}`)
      await sshd.run(names.map((name) => `(${makeRoot(name)})`).join('\n'))
      const { host, port, key, knownHosts } = sshd
      const data = { ssh_hostname: host, ssh_port: port, ssh_user: 'ana', ssh_key: key, ssh_known_hosts_file: knownHosts, ssh_config_file: '/dev/null', chroot_sudo: true, chroot_bind: ['proc', 'dev'] }
      const hosts = names.map((name) => ({ name: `@ssh/machine/@chroot${name}`, data }))
      const run = (): Promise<Applied> => applyWith({ hosts, roles: { files: roleFiles }, desired: { files: tree('/mnt') }, load })
      const first = await run()
      expect([first.errors, first.hosts.map(({ state }) => state)]).toEqual([[], names.map(() => 'changed')])
      const second = await run()
      expect(second.hosts.map(({ state, exchanges }) => [state, exchanges])).toEqual(names.map(() => ['ok', 2]))
      expect(await sshd.run("cd /srv/root5/mnt; find . | sort; stat -c '%a %u %g %s' etc/owned large; grep -c /srv/root /proc/self/mountinfo || :")).toBe(
        ['.', './etc', './etc/empty', './etc/owned', './etc/plain', './large', './link', './odd name', `./odd name/☃ 'q' "d"`, '640 1000 1000 5', '600 0 0 460000', '0', ''].join('\n'),
      )
    } finally {
      await sshd.close()
    }
  })

  it('becomes another user inside, in a whole system, for its own commands and for sudo', async () => {
    const sshd: Sshd = await startSshd({ users: { ana: {}, bob: {} }, sudoers: 'bob ALL=(ALL) NOPASSWD: ALL\n' })
    try {
      // The machine's own system, seen at another place.
      await sshd.run('mkdir /srv/system; mount --bind / /srv/system')
      const { host, port, key, knownHosts } = sshd
      const data = { ssh_hostname: host, ssh_port: port, ssh_user: 'bob', ssh_key: key, ssh_known_hosts_file: knownHosts, ssh_config_file: '/dev/null', chroot_sudo: true, chroot_bind: ['proc', 'dev', '/home'], sudo_user: 'ana' }
      const applied = await applyWith({ hosts: [{ name: '@ssh/machine/@chroot/srv/system', data }], roles: { files: roleFiles }, desired: { files: [{ path: '/home/ana/file', content: 'of ana' }] }, load })
      expect([applied.errors, applied.hosts[0]?.state]).toEqual([[], 'changed'])
      expect(await sshd.run('stat -c %U /home/ana/file; grep -c /srv/system/ /proc/self/mountinfo || :')).toBe('ana\n0\n')
    } finally {
      await sshd.close()
    }
  })
})
