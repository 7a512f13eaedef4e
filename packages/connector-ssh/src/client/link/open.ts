import type { ConnectorContext } from '@chaos/core'
import type { Place } from '../errors.ts'
import { openTransport, wayOf } from '../transport.ts'
import type { Link } from './contract.ts'
import { shakeHands } from './handshake.ts'
import { handshakeLimit } from './limiter.ts'
import { withRetries } from './retry.ts'

/** Opens an authenticated connection: the transport, the host's key, the login; again where that may help. */
export async function openLink(place: Place, context: ConnectorContext): Promise<Link> {
  const { settings, target } = place
  const limited = await handshakeLimit(wayOf(settings, target), context)
  return withRetries(() => limited(async () => shakeHands(place, await openTransport(settings, target, context), context)), settings, context.signal)
}
