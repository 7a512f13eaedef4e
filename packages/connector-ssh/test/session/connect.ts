import type { Connection } from '@chaos/core'
import type { Sshd } from '@chaos/testkit'
import { openClient } from '../../src/client/open.ts'
import { runContext, settingsFor, targetOf } from '../client/support.ts'

/** The real connection of a user, by the key. */
export async function connect(sshd: Sshd, user: string): Promise<Connection> {
  return openClient(settingsFor(sshd, { user }), targetOf('web'), runContext())
}
