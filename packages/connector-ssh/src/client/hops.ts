import type { Duplex } from 'node:stream'
import { isChaosError } from '@chaos/core'
import type { ConnectorContext, Target } from '@chaos/core'
import type { Settings } from '../settings/contract.ts'
import { openTunnel } from './channel/tunnel.ts'
import type { Link } from './link/contract.ts'
import { openLink } from './link/open.ts'
import type { OpenTransport } from './link/open.ts'
import { wayOf } from './way.ts'

/** A connection to a hop that others use too. It carries tunnels, and nothing else. */
export interface Hop {
  dial(to: { host: string; port: number }): Promise<Duplex>
  isGone(): boolean
  /** Gives it back, once; the last one ends it. */
  release(): void
}

interface Entry {
  readonly opening: Promise<Link>
  users: number
}

/** The last one of a way over hops. Fifty hosts behind one bastion share one connection to it, in this run. */
export async function takeHop(way: readonly Settings[], target: Target, context: ConnectorContext, openTransport: OpenTransport): Promise<Hop> {
  const entries = await context.cache('ssh:hops', async () => new Map<string, Entry>())
  const last = way.at(-1) as Settings
  const settings: Settings = { ...last, jumps: way.slice(0, -1) }
  const place = { settings, target }
  const key = JSON.stringify([wayOf(settings, target), settings.user, settings.knownAs, settings.knownHosts, settings.strict, settings.keys, settings.agent])
  const entry = entries.get(key) ?? { opening: openLink(place, context, openTransport), users: 0 }
  entries.set(key, entry)
  entry.users++
  const forget = (): void => {
    if (entries.get(key) === entry) entries.delete(key)
  }
  let link: Link
  try {
    link = await entry.opening
  } catch (error) {
    // A refused login stays refused in this run: with every host behind it tried anew, it would lock the account.
    if (!isChaosError(error) || error.details?.['retry'] !== false) forget()
    throw error
  }
  link.onLost(forget)
  let given = false
  return {
    dial: ({ host, port }) => openTunnel({ settings, target }, link, { host, port }),
    isGone: () => link.gone !== undefined,
    release() {
      if (given) return
      given = true
      if (--entry.users > 0) return
      forget()
      void link.end()
    },
  }
}
