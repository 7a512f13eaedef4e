import type { Duplex } from 'node:stream'
import type { ConnectorContext, Target } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import type { Settings } from '../settings/contract.ts'
import { dialError, timedOut } from './errors.ts'
import type { Place } from './errors.ts'
import { takeHop } from './hops.ts'
import { OnTheWay } from './link/retry.ts'
import { openProxyCommand } from './proxy-command.ts'

/**
 * Bytes to the sshd of a host: dialled from what the host stands on, through its hops, or by its ProxyCommand. What was taken
 * for it (a hop, a process) is given back when it closes. Rejects with a CONNECT_… error.
 */
export async function openTransport(settings: Settings, target: Target, context: ConnectorContext): Promise<Duplex> {
  const place = { settings, target }
  const transport = await open(place, context)
  // The connection under it tells of errors by its end; none may be left without a listener meanwhile.
  transport.on('error', () => {})
  return transport
}

async function open(place: Place, context: ConnectorContext): Promise<Duplex> {
  const { settings, target } = place
  if (settings.jumps.length > 0) return throughHops(place, context)
  if (settings.proxyCommand !== undefined) return openProxyCommand(place, settings.proxyCommand, context)
  const { base } = context
  if (base.dial === undefined) {
    throw new ChaosError('CONNECT_NO_TUNNEL', {
      message: `${settings.name} cannot be reached from ${target.below.at(-1) ?? 'this machine'}, which makes no tunnels.`,
      hint: 'Reach it from a machine that does: this one, or one over ssh.',
      host: target.host,
      details: { retry: false },
    })
  }
  const dialled = base.dial({ host: settings.hostname, port: settings.port })
  const transport = await inTime(place, dialled)
  // Else each small packet waits for the answer to the one before: 40 ms instead of 2 for a command.
  if ('setNoDelay' in transport && typeof transport.setNoDelay === 'function') transport.setNoDelay(true)
  return transport
}

async function throughHops(place: Place, context: ConnectorContext): Promise<Duplex> {
  const { settings, target } = place
  for (let again = false; ; again = true) {
    const hop = await takeHop(settings.jumps, target, context, openTransport).catch((error: unknown) => {
      throw new OnTheWay(error)
    })
    try {
      const tunnel = await inTime(place, hop.dial({ host: settings.hostname, port: settings.port }))
      tunnel.once('close', hop.release)
      return tunnel
    } catch (error) {
      hop.release()
      // It broke while others had it: a new one is worth a try.
      if (again || !hop.isGone()) throw error
    }
  }
}

/** A dial that takes too long is given up; what it opens after that is closed. */
async function inTime(place: Place, dialled: Promise<Duplex>): Promise<Duplex> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timedOut(place, 'it did not answer')), place.settings.connectTimeout * 1000)
  })
  try {
    return await Promise.race([dialled, late])
  } catch (error) {
    dialled.then((transport) => transport.on('error', () => {}).destroy(), () => {})
    throw dialError(place, error)
  } finally {
    clearTimeout(timer)
  }
}
