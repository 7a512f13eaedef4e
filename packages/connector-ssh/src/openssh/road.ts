import { rm } from 'node:fs/promises'
import type { ConnectorContext, Target } from '@chaos/core'
import { ChaosError, isChaosError } from '@chaos/core'
import { dialError } from '../client/errors.ts'
import { handshakeLimit } from '../client/link/limiter.ts'
import { withRetries } from '../client/link/retry.ts'
import { wayOf } from '../client/way.ts'
import type { Settings } from '../settings/contract.ts'
import { createBridge } from './bridge.ts'
import type { Bridge } from './bridge.ts'
import { privateFolder } from './folder.ts'
import { takeHop } from './hops.ts'
import type { Hop, Road } from './hops.ts'
import { startMaster } from './master.ts'
import type { Master } from './master.ts'

/** Makes the way ready: the hops before a machine, or a tunnel of what it is stacked on. */
export async function openRoad(settings: Settings, target: Target, context: ConnectorContext): Promise<Road> {
  context.signal.throwIfAborted()
  const place = { settings, target }
  const folder = await privateFolder()
  let hop: Hop | undefined
  let bridge: Bridge | undefined
  let number = 0
  const close = async (): Promise<void> => {
    await hop?.release()
    await bridge?.close()
    await rm(folder, { recursive: true, force: true })
  }

  /** ssh sees no more of a way that we made than that it is closed. */
  async function start(): Promise<Master> {
    const proxy = hop?.command(settings) ?? bridge?.command ?? settings.proxyCommand
    try {
      return await startMaster({ settings, target, context, folder, number: number++, proxy })
    } catch (error) {
      const closed = isChaosError(error) && error.code === 'CONNECT_CLOSED'
      const why = closed ? ((await hop?.whyNot(settings)) ?? bridge?.error()) : undefined
      throw why === undefined ? error : isChaosError(why) && why.code.startsWith('CONNECT_') ? why : dialError(place, why)
    }
  }

  try {
    const limited = await handshakeLimit(wayOf(settings, target), context)
    if (settings.jumps.length > 0) hop = await takeHop(settings.jumps, target, context, (hop) => openRoad(hop, target, context))
    else if (target.below.length > 0) bridge = await bridgeTo(settings, target, context, folder)
    return { master: () => withRetries(() => limited(start), settings, context.signal), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** ssh dials by itself on this machine alone; over another connection it is given a way there. */
async function bridgeTo(settings: Settings, target: Target, { base }: ConnectorContext, folder: string): Promise<Bridge> {
  if (base.dial === undefined) {
    throw new ChaosError('CONNECT_NO_TUNNEL', {
      message: `${settings.name} cannot be reached from ${target.below.at(-1)}, which makes no tunnels.`,
      hint: 'Reach it from a machine that does: this one, or one over ssh.',
      host: target.host,
      details: { retry: false },
    })
  }
  return createBridge(folder, base, { host: settings.hostname, port: settings.port })
}
