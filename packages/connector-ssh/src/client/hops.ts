import type { Duplex } from 'node:stream'
import type { ConnectorContext, Target } from '@chaos/core'
import type { Settings } from '../settings/contract.ts'
import { openTunnel } from './channel/tunnel.ts'
import { openLink } from './link/open.ts'
import type { OpenTransport } from './link/open.ts'
import { share } from './share.ts'
import { wayOf } from './way.ts'

/** A connection to a hop that others use too. It carries tunnels, and nothing else. */
export interface Hop {
  dial(to: { host: string; port: number }): Promise<Duplex>
  isGone(): boolean
  /** Gives it back, once; the last one ends it. */
  release(): void
}

/** The last one of a way over hops. Fifty hosts behind one bastion share one connection to it, in this run. */
export async function takeHop(way: readonly Settings[], target: Target, context: ConnectorContext, openTransport: OpenTransport): Promise<Hop> {
  const last = way.at(-1) as Settings
  const settings: Settings = { ...last, jumps: way.slice(0, -1) }
  const place = { settings, target }
  const key = JSON.stringify([wayOf(settings, target), settings.user, settings.knownAs, settings.knownHosts, settings.strict, settings.keys, settings.agent])
  const { value: link, forget, release } = await share('ssh:hops', key, () => openLink(place, context, openTransport), context)
  link.onLost(forget)
  return {
    dial: ({ host, port }) => openTunnel({ settings, target }, link, { host, port }),
    isGone: () => link.gone !== undefined,
    release() {
      if (release()) void link.end()
    },
  }
}
