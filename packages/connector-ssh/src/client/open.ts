import type { ConnectorContext, Target } from '@chaos/core'
import type { Settings } from '../settings/contract.ts'
import { createBudget } from './channel/budget.ts'
import { createSpawner } from './channel/spawn.ts'
import { openTunnel } from './channel/tunnel.ts'
import type { SshConnection } from './contract.ts'
import { connectionClosed } from './errors.ts'
import { openLink } from './link/open.ts'

/** Opens a connection by ssh2: the host's key is judged before anything of the user is sent. */
export async function openClient(settings: Settings, target: Target, context: ConnectorContext): Promise<SshConnection> {
  const place = { settings, target }
  const first = await openLink(place, context)
  const budget = createBudget(first, () => openLink(place, context))
  const spawner = createSpawner(place, budget)
  let closed: Promise<void> | undefined

  return {
    spawn: spawner.spawn,
    async dial(to) {
      if (closed !== undefined) throw connectionClosed(place)
      return openTunnel(place, first, to)
    },
    close: () => (closed ??= spawner.close().then(budget.close)),
  }
}
