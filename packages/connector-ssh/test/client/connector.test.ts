import { isConnector, sh } from '@chaos/core'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import ssh from '../../src/index.ts'
import { failing, run, runContext } from './support.ts'

const missing = noSshd()
let sshd: Sshd

beforeAll(async () => {
  if (missing === undefined) sshd = await startSshd({ users: { ana: {} } })
})

afterAll(() => sshd?.close())

const data = (changes = {}) => ({ ssh_port: sshd.port, ssh_user: 'ana', ssh_key: sshd.key, ssh_config_file: '/dev/null', ssh_known_hosts_file: sshd.knownHosts, ...changes })
const open = (given: Record<string, unknown>) => ssh.open!({ host: sshd.host, argument: sshd.host, data: given, below: [] }, runContext())

describe('@ssh', () => {
  it('is a connector', () => {
    expect(isConnector(ssh)).toBe(true)
  })
})

describe.skipIf(missing !== undefined)(`@ssh by the data of a host${missing === undefined ? '' : ` (${missing})`}`, () => {
  it.each(['ssh2', 'openssh'])('reaches it by the transport %s', async (ssh_transport) => {
    const connection = await open(data({ ssh_transport }))
    onTestFinished(() => connection.close({ outcome: 'done' }))
    expect(await run(connection, sh`id -un`)).toEqual({ stdout: 'ana\n', stderr: '', code: 0 })
  })

  it('says how to trust a host that is not known', async () => {
    expect(await failing(open(data({ ssh_known_hosts_file: '/dev/null' })))).toMatchObject({ code: 'HOST_KEY_UNKNOWN', hint: expect.stringContaining(`chaos trust ${sshd.host}`) })
  })
})
