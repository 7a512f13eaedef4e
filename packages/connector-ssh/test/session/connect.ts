import type { Connection } from '@chaos/core'
import type { Sshd } from '@chaos/testkit'
import { openClient } from '../../src/client/open.ts'
import { openOpenssh } from '../../src/openssh/open.ts'
import type { Settings } from '../../src/settings/contract.ts'
import { runContext, settingsFor, targetOf } from '../client/support.ts'

export type Transport = Settings['transport']

/** The real connection of a user, by the key. */
export async function connect(sshd: Sshd, user: string, transport: Transport): Promise<Connection> {
  const settings = settingsFor(sshd, { user, transport, configFile: '/dev/null' })
  return (transport === 'ssh2' ? openClient : openOpenssh)(settings, targetOf('web'), runContext())
}
