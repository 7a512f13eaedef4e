import { connectorSuite, noSshd, startMachine, startSshd } from '@chaos/testkit'
import type { Machine, Sshd } from '@chaos/testkit'
import type { Connection } from '@chaos/core'
import { afterAll, beforeAll, describe, it } from 'vitest'
import ssh from '../../connector-ssh/src/index.ts'
import { context, makeRoot, noBusybox, onMachine, openChroot, openLocal, withBase } from './support.ts'

const reason = noSshd() ?? noBusybox()

describe.skipIf(reason !== undefined)(`@chroot${reason === undefined ? '' : ` (${reason})`}`, () => {
  let machine: Machine
  let sshd: Sshd

  beforeAll(async () => {
    machine = await startMachine()
    await machine.run(`(${makeRoot('/srv/outer')}) && (${makeRoot('/srv/outer/srv/inner')})`)
    sshd = await startSshd({ users: { ana: {} }, sudoers: 'ana ALL=(ALL) NOPASSWD: ALL\n' })
    await sshd.run(makeRoot('/srv/root'))
  })
  afterAll(async () => {
    await machine?.close()
    await sshd?.close()
  })

  async function onLocal(data = {}): Promise<Connection> {
    const base = await onMachine(machine)
    return withBase(await openChroot('srv/outer', base, data), base)
  }

  async function inChroot(data = {}): Promise<Connection> {
    const base = await onMachine(machine)
    const outer = await openChroot('srv/outer', base, data)
    return withBase(await openChroot('srv/inner', outer, data), outer, base)
  }

  async function onSsh(user: string, data = {}): Promise<Connection> {
    const settings = { ssh_hostname: sshd.host, ssh_port: sshd.port, ssh_user: user, ssh_key: sshd.key, ssh_known_hosts_file: sshd.knownHosts, ssh_config_file: '/dev/null' }
    const checked = (await ssh.data!['~standard'].validate(settings)) as { value: Record<string, unknown> }
    const here = await openLocal()
    const base = await ssh.open!({ host: 'machine', argument: sshd.host, data: checked.value, below: [] }, { ...context, base: here })
    return withBase(await openChroot('srv/root', base, data), base, here)
  }

  const binds = { chroot_bind: ['proc', 'dev'] }
  connectorSuite({ name: '@chroot', open: onLocal, terminal: true, describe, it })
  connectorSuite({ name: '@chroot with mounts', open: () => onLocal(binds), terminal: true, describe, it })
  connectorSuite({ name: '@chroot/@chroot', open: inChroot, terminal: true, describe, it })
  connectorSuite({ name: '@chroot/@chroot with mounts', open: () => inChroot(binds), terminal: true, describe, it })
  connectorSuite({ name: '@ssh/@chroot', open: () => onSsh('root'), terminal: true, describe, it })
  connectorSuite({ name: '@ssh/@chroot by sudo, with mounts', open: () => onSsh('ana', { chroot_sudo: true, ...binds }), terminal: true, describe, it })
})
