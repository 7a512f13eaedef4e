import { existsSync } from 'node:fs'
import { connectorRunSuite, connectorSuite, pluginContext, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { sh } from '@chaos/core'
import type { Connection } from '@chaos/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import local from '../../connector-local/src/index.ts'
import { files } from '../../operations/src/index.ts'
import ssh from '../../connector-ssh/src/index.ts'
import lxc from '../src/index.ts'
import { makeUnprivileged, noLxc, openLocal, openLxc, say, tidy, unique, withBase } from './support.ts'

const reason = noLxc() ?? (['newuidmap', 'newgidmap'].every((program) => existsSync(`/usr/bin/${program}`)) ? undefined : 'needs newuidmap, newgidmap')
/** Where the containers of a user without root lie, when nobody says otherwise. */
const THEIRS = '/home/ana/.local/share/lxc'

describe.skipIf(reason !== undefined)(`@lxc of a user without root${reason === undefined ? '' : ` (${reason})`}`, () => {
  let machine: Sshd
  let login: Record<string, unknown>
  const web = unique('web')
  const idle = unique('idle')
  const asAna = (command: string): Promise<string> => machine.run(sh`su ana -c ${`cd; ${command}`}`.text)

  beforeAll(async () => {
    machine = await startSshd({ users: { ana: {} } })
    for (const name of [web, idle]) await makeUnprivileged(machine, 'ana', name, THEIRS)
    await asAna(`lxc-start -n ${web}`)
    login = { ssh_hostname: machine.host, ssh_port: machine.port, ssh_user: 'ana', ssh_key: machine.key, ssh_known_hosts_file: machine.knownHosts, ssh_config_file: '/dev/null' }
  })
  afterAll(async () => {
    await machine?.run(`su ana -c 'cd; for each in ${web} ${idle}; do lxc-stop -k -n $each; done' 2>/dev/null || :`)
    await tidy(machine)
  })

  async function open(name: string): Promise<Connection> {
    const checked = (await ssh.data!['~standard'].validate(login)) as { value: Record<string, unknown> }
    const here = await openLocal()
    const below = await ssh.open!({ host: 'machine', argument: machine.host, data: checked.value, below: [] }, { ...pluginContext(), base: here })
    return withBase(await openLxc(name, below, { lxc_path: undefined }), below, here)
  }

  connectorSuite({ name: '@ssh/@lxc', open: () => open(web), terminal: true, describe, it })
  connectorRunSuite({
    name: '@ssh/@lxc',
    host: () => ({ name: `@ssh/machine/@lxc/${web}`, data: login }),
    connectors: { lxc, ssh, local },
    look: (text) => asAna(sh`lxc-attach -n ${web} --clear-env -- /bin/sh -c ${text}`.text),
    owned: 1000,
    files,
    describe,
    it,
  })

  it('is root inside and nobody outside, and a stopped one is stopped again', async () => {
    const state = async (): Promise<string> => (await asAna(`lxc-info -n ${idle} -s -H`)).trim()
    const connection = await open(idle)
    expect([await say(connection, 'id -u; echo mine >/srv/mine'), await state()]).toEqual(['0', 'RUNNING'])
    await connection.close({ outcome: 'done' })
    expect(await state()).toBe('STOPPED')
    expect(Number(await machine.run(`stat -c %u ${THEIRS}/${idle}/rootfs/srv/mine`))).toBeGreaterThanOrEqual(100_000)
  })
})
