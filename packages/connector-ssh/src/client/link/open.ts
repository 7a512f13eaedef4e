import type { Duplex } from 'node:stream'
import type { ConnectorContext, Target } from '@chaos/core'
import { readKnownHosts } from '../../known-hosts/index.ts'
import type { Settings } from '../../settings/contract.ts'
import { loadKey } from '../auth/key-file.ts'
import type { Place } from '../errors.ts'
import { wayOf } from '../way.ts'
import type { Link } from './contract.ts'
import { shakeHands } from './handshake.ts'
import { handshakeLimit } from './limiter.ts'
import { withRetries } from './retry.ts'

/** Given and not imported: the way over a hop is a connection again. */
export type OpenTransport = (settings: Settings, target: Target, context: ConnectorContext) => Promise<Duplex>

/** Opens an authenticated connection: the transport, the host's key, the login; again where that may help. */
export async function openLink(place: Place, context: ConnectorContext, openTransport: OpenTransport): Promise<Link> {
  const { settings, target } = place
  prepare(settings, context)
  const limited = await handshakeLimit(wayOf(settings, target), context)
  const open = async (): Promise<Link> => {
    const transport = openTransport(settings, target, context)
    // It is slow to load: meanwhile the host answers.
    import('ssh2').catch(() => {})
    return shakeHands(place, await transport, context)
  }
  return withRetries(() => limited(open), settings, context.signal)
}

/** What is needed once the host answers is read while it is waited for. What fails here fails again, and is told, where it is used. */
function prepare(settings: Settings, context: ConnectorContext): void {
  const work = [import('ssh2'), readKnownHosts(settings, context), ...settings.keys.map(({ path }) => loadKey(path, settings, context))]
  void Promise.allSettled(work)
}
