import { connectorSuite, noSshd, startMachine, startSshd } from '@chaos/testkit'
import type { Machine, Sshd } from '@chaos/testkit'
import type { Connection } from '@chaos/core'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openSsh } from './over-ssh.ts'
import { makeRoot, noBusybox, onMachine, openChroot, openLocal } from './support.ts'

const reason = noSshd() ?? noBusybox()

describe.skipIf(reason !== undefined)(`@chroot${reason === undefined ? '' : ` (${reason})`}`, () => {
  let machine: Machine
  let sshd: Sshd
  // What they stand on stays open: what they started must end with them.
  let here: Connection
  let base: Connection
  const behind = new Map<string, Connection>()

  beforeAll(async () => {
    machine = await startMachine()
    await machine.run(`(${makeRoot('/srv/outer')}) && (${makeRoot('/srv/outer/srv/inner')})`)
    sshd = await startSshd({ users: { ana: {} }, sudoers: 'ana ALL=(ALL) NOPASSWD: ALL\n' })
    await sshd.run(makeRoot('/srv/root'))
    base = await onMachine(machine)
    here = await openLocal()
    for (const user of ['root', 'ana']) behind.set(user, await openSsh(sshd, user, here))
  })
  afterAll(async () => {
    for (const each of [...behind.values(), here, base]) await each?.close({ outcome: 'done' })
    await machine?.close()
    await sshd?.close()
  })

  const onLocal = (data = {}): Promise<Connection> => openChroot('srv/outer', base, data)

  async function inChroot(data = {}): Promise<Connection> {
    const outer = await openChroot('srv/outer', base, data)
    const inner = await openChroot('srv/inner', outer, data)
    return {
      ...inner,
      async close(end) {
        await inner.close(end)
        await outer.close(end)
      },
    }
  }

  const onSsh = (user: string, data = {}): Promise<Connection> => openChroot('srv/root', behind.get(user) as Connection, data)

  const binds = { chroot_bind: ['proc', 'dev'] }
  connectorSuite({ name: '@chroot', open: onLocal, terminal: true, describe, it })
  connectorSuite({ name: '@chroot with mounts', open: () => onLocal(binds), terminal: true, describe, it })
  connectorSuite({ name: '@chroot/@chroot', open: inChroot, terminal: true, describe, it })
  connectorSuite({ name: '@chroot/@chroot with mounts', open: () => inChroot(binds), terminal: true, describe, it })
  connectorSuite({ name: '@ssh/@chroot', open: () => onSsh('root'), terminal: true, describe, it })
  connectorSuite({ name: '@ssh/@chroot by sudo, with mounts', open: () => onSsh('ana', { chroot_sudo: true, ...binds }), terminal: true, describe, it })
})
