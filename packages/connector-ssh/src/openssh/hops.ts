import type { ConnectorContext, Target } from '@chaos/core'
import { quote } from '@chaos/core'
import { dialError } from '../client/errors.ts'
import { share } from '../client/share.ts'
import { wayOf } from '../client/way.ts'
import type { Settings } from '../settings/contract.ts'
import type { Master } from './master.ts'
import { ChannelRefused } from './mux/mux.ts'
import { openTunnel } from './mux/tunnel.ts'

/** What connections to one machine share: a private folder, and the way to it. */
export interface Road {
  /** Opens a connection; again where that may help. */
  master(): Promise<Master>
  /** Gives back the way and removes the folder. The masters are to be closed before. */
  close(): Promise<void>
}

/** A connection to a hop that others use too. It carries tunnels, and nothing else. */
export interface Hop {
  /** A ProxyCommand that leads from there to a machine. */
  command(to: Settings): string
  /** Why there is no way from there to a machine; undefined when there is one. */
  whyNot(to: Settings): Promise<unknown>
  /** Gives it back, once; the last one ends it. */
  release(): Promise<void>
}

interface Open {
  readonly road: Road
  readonly master: Master
}

/**
 * The last one of a way over hops: fifty hosts behind one bastion share one connection to it, in this run. ssh gives its options to
 * no hop of a ProxyJump (those take what is configured, also `StrictHostKeyChecking no`); a hop here is opened as any host is.
 */
export async function takeHop(way: readonly Settings[], target: Target, context: ConnectorContext, open: (settings: Settings) => Promise<Road>): Promise<Hop> {
  const settings: Settings = { ...(way.at(-1) as Settings), jumps: way.slice(0, -1) }
  const key = JSON.stringify([wayOf(settings, target), settings.user, settings.knownAs, settings.keys, settings.agent, settings.strict, settings.configFile])
  const { value: hop, forget, release } = await share('ssh:openssh:hops', key, () => openHop(open(settings)), context)
  void hop.master.mux.closed.then(forget)
  return {
    // Should the hop be gone, this ssh must not go there by itself: it has none of our options.
    command: ({ hostname, port }) =>
      ['ssh', '-F', 'none', '-S', hop.master.socket, '-o', 'ProxyCommand=exit 1', '-o', 'BatchMode=yes', '-W', `[${hostname}]:${port}`, '--', 'hop'].map(quote).join(' '),
    async whyNot(to) {
      try {
        const tunnel = await openTunnel(hop.master.mux, 'direct-tcpip', [to.hostname, to.port, '127.0.0.1', 0])
        tunnel.on('error', () => {}).destroy()
        return undefined
      } catch (error) {
        return error instanceof ChannelRefused ? dialError({ settings: { ...to, jumps: way }, target }, error) : error
      }
    },
    async release() {
      if (!release()) return
      await hop.master.close()
      await hop.road.close()
    },
  }
}

async function openHop(opening: Promise<Road>): Promise<Open> {
  const road = await opening
  try {
    return { road, master: await road.master() }
  } catch (error) {
    await road.close()
    throw error
  }
}
