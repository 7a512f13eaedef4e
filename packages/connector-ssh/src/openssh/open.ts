import type { ConnectorContext, Target } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import type { SshConnection } from '../client/contract.ts'
import { connectionClosed } from '../client/errors.ts'
import type { Place } from '../client/errors.ts'
import type { Settings } from '../settings/contract.ts'
import { dialOver } from './dial.ts'
import { createMasters } from './masters.ts'
import { openRoad } from './road.ts'
import { createSessions } from './sessions.ts'

/**
 * A connection by the system's `ssh`, for what ssh2 lacks: certificates, FIDO keys, GSSAPI. One ssh in the foreground per
 * four sessions; commands and tunnels travel through its control socket, so that no other program runs for them.
 */
export async function openOpenssh(settings: Settings, target: Target, context: ConnectorContext): Promise<SshConnection> {
  const place: Place = { settings, target }
  if (process.platform === 'win32') throw unsupported(place)
  const road = await openRoad(settings, target, context)
  try {
    const masters = createMasters(place, await road.master(), road.master)
    const sessions = createSessions(place, masters)
    let closed: Promise<void> | undefined
    return {
      spawn: sessions.spawn,
      async dial(to) {
        if (closed !== undefined) throw connectionClosed(place)
        return dialOver(place, masters.first(), to)
      },
      close: () => (closed ??= sessions.close().then(masters.close).then(road.close)),
    }
  } catch (error) {
    await road.close()
    throw error
  }
}

function unsupported({ settings, target }: Place): ChaosError {
  return new ChaosError('SSH_TRANSPORT', {
    message: `${settings.name} asks for ssh_transport: openssh, but the ssh of Windows shares no connections (ControlMaster).`,
    hint: 'Leave ssh_transport out, or run chaos in WSL.',
    host: target.host,
    details: { retry: false },
  })
}
