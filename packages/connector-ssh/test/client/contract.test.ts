import { connectorSuite, noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openClient } from '../../src/client/open.ts'
import type { Settings } from '../../src/settings/contract.ts'
import { runContext, settingsFor, targetOf } from './support.ts'

const missing = noSshd()
const context = runContext()
let sshd: Sshd

beforeAll(async () => {
  if (missing !== undefined) return
  sshd = await startSshd({ users: { ana: { shell: '/bin/bash' } } })
  // Without it sshd, which logs to stderr here, writes on every terminal that it has none.
  await sshd.run('touch /var/log/lastlog')
})

afterAll(() => sshd?.close())

const connect = (settings: Settings) => openClient(settings, targetOf('web'), context)

describe.skipIf(missing !== undefined)(`over a real sshd${missing === undefined ? '' : ` (${missing})`}`, () => {
  connectorSuite({ name: 'ssh, as root', open: () => connect(settingsFor(sshd)), terminal: true, describe, it })
  connectorSuite({ name: 'ssh, as a user', open: () => connect(settingsFor(sshd, { user: 'ana' })), terminal: true, describe, it })
  connectorSuite({
    name: 'ssh, through a hop',
    open: () => connect(settingsFor(sshd, { jumps: [settingsFor(sshd, { user: 'ana', name: 'bastion' })] })),
    terminal: true,
    describe,
    it,
  })
})
