import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { connectorSuite } from '@chaos/testkit'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openTo } from './open-to.ts'

const missing = noSshd()

describe.skipIf(missing !== undefined)(`ssh_transport: openssh (${missing ?? 'a real sshd'})`, () => {
  let sshd: Sshd

  beforeAll(async () => {
    sshd = await startSshd({ users: { ana: { shell: '/bin/sh' } } })
  })
  afterAll(() => sshd.close())

  connectorSuite({ name: '@ssh by openssh', open: () => openTo(sshd, { user: 'ana' }), terminal: true, describe, it })
})
