import type { ConnectorContext, Target } from '@chaos/core'
import type { Settings } from '../settings/contract.ts'
import { createBudget } from './channel/budget.ts'
import { createSpawner } from './channel/spawn.ts'
import { openTunnel } from './channel/tunnel.ts'
import type { SshConnection } from './contract.ts'
import { connectionClosed } from './errors.ts'
import type { Place } from './errors.ts'
import { readBySftp } from './files/read.ts'
import { createSftp } from './files/sftp.ts'
import type { Sftp } from './files/sftp.ts'
import { writeBySftp } from './files/write.ts'
import { openLink } from './link/open.ts'
import { openTransport } from './transport.ts'

/** Opens a connection by ssh2: the host's key is judged before anything of the user is sent. */
export async function openClient(settings: Settings, target: Target, context: ConnectorContext): Promise<SshConnection> {
  const place = { settings, target }
  const first = await openLink(place, context, openTransport)
  const budget = createBudget(first, () => openLink(place, context, openTransport))
  const spawner = createSpawner(place, budget)
  let closed: Promise<void> | undefined

  return {
    spawn: spawner.spawn,
    async dial(to) {
      if (closed !== undefined) throw connectionClosed(place)
      // One that is left, when another of its connections has been lost.
      return openTunnel(place, budget.links()[0] ?? first, to)
    },
    ...(settings.fileTransfer === 'sftp' && fileTransfer(place, createSftp(place, budget))),
    close: () => (closed ??= spawner.close().then(budget.close)),
    leave: () => (closed ??= spawner.leave().then(budget.close)),
  }
}

function fileTransfer(place: Place, sftp: () => Promise<Sftp>): Required<Pick<SshConnection, 'writeFile' | 'readFile'>> {
  return {
    writeFile: async (path, content, { mode }) => writeBySftp(place, await sftp(), path, content, mode),
    readFile: async (path) => readBySftp(place, await sftp(), path),
  }
}
