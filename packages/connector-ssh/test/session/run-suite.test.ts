import { connectorRunSuite, noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { files } from '@chaos/operations'
import { afterAll, beforeAll, describe, it } from 'vitest'
import local from '../../../connector-local/src/index.ts'
import ssh from '../../src/index.ts'

const reason = noSshd()

describe.skipIf(reason !== undefined)(`whole runs over ssh${reason === undefined ? '' : ` (${reason})`}`, () => {
  let sshd: Sshd

  beforeAll(async () => {
    sshd = await startSshd({ users: { ana: {} }, sudoers: 'ana ALL=(ALL) NOPASSWD: ALL\n' })
  })
  afterAll(() => sshd?.close())

  for (const ssh_transport of ['ssh2', 'openssh']) {
    const host = (user: string) => () => ({
      name: '@ssh/web',
      data: { ssh_transport, ssh_hostname: sshd.host, ssh_port: sshd.port, ssh_user: user, ssh_key: sshd.key, ssh_known_hosts_file: sshd.knownHosts, ssh_config_file: '/dev/null' },
    })
    const given = { connectors: { ssh, local }, look: (script: string) => sshd.run(script), files, describe, it }
    connectorRunSuite({ ...given, name: `@ssh by ${ssh_transport}, as root`, host: host('root'), owned: 1000 })
    connectorRunSuite({ ...given, name: `@ssh by ${ssh_transport}, as a user`, host: host('ana') })
    connectorRunSuite({ ...given, name: `@ssh by ${ssh_transport}, as a user`, host: host('ana'), sudo: true, owned: 1000 })
  }
})
