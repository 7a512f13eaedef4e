import type { PluginContext } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import type { RunOptions } from '../run/contract.ts'
import { askBoats } from './boats.ts'
import { createConnectors } from './connectors.ts'
import type { Connectors } from './connectors.ts'
import { expand } from './expand.ts'
import type { ExpandedHost } from './expand.ts'
import { withGroupData } from './groups.ts'
import { canonicalName } from './host-name.ts'
import { checkForeignKeys, keysOf, layerData } from './layer-data.ts'
import { checkReference } from './reference.ts'
import type { ResolvedHost, ResolvedLayer } from './resolved-host.ts'

export interface FleetOptions extends Pick<RunOptions, 'hosts' | 'boats' | 'groups' | 'load'> {
  /** Whether a connector of this name is installed, without loading it. Not given = found out by loading what names mention. */
  readonly isConnector?: ((name: string) => boolean) | undefined
}

/**
 * The hosts of a fleet: those that are written, then those of the boats, each expanded until none expands, with the data
 * of its groups, and each layer's data checked by its connector. Names that mean the same host twice are an error.
 */
export async function expandFleet(options: FleetOptions, context: PluginContext): Promise<readonly ResolvedHost[]> {
  const { hosts, boats = [], groups, load } = options
  const connectors = createConnectors(load, options.isConnector)
  const written = hosts.map((each) => ({ reference: checkReference(each, 'fleet.hosts'), source: 'fleet.hosts' }))
  const asked = await askBoats(boats, load, context)
  const found = await Promise.all([...written, ...asked].map(({ reference, source }) => expand(reference, source, { connectors, groups, context })))
  const expanded = found.flat()
  refuseTwins(expanded)
  const data = new Map(expanded.map((host) => [host.canonical, withGroupData(host.own, host.groups, groups)]))
  return Promise.all(expanded.map((host) => resolve(host, data, connectors)))
}

async function resolve(host: ExpandedHost, fleet: ReadonlyMap<string, Record<string, unknown>>, connectors: Connectors): Promise<ResolvedHost> {
  const { name, canonical, groups, from, layers } = host
  const data = fleet.get(canonical) as Record<string, unknown>
  const names = layers.map((layer) => layer.connector)
  const resolved = await Promise.all(
    layers.map(async ({ connector, argument }, index): Promise<ResolvedLayer> => {
      const reference = canonicalName(layers.slice(0, index + 1))
      const hop = index < layers.length - 1 ? fleet.get(reference) : undefined
      // Keys of a connector that stands in the stack twice are the last one's, where the hop has data of its own.
      const mine = hop !== undefined && names.lastIndexOf(connector) !== index ? {} : keysOf(connector, data, connectors)
      const own = { ...(hop && keysOf(connector, hop, connectors)), ...mine }
      return { connector, argument, reference, data: await layerData(name, connector, own, await connectors.get(connector)) }
    }),
  )
  await checkForeignKeys(name, data, names, connectors)
  return { name, canonical, data, groups, from, layers: resolved }
}

function refuseTwins(hosts: readonly ExpandedHost[]): void {
  const seen = new Map<string, ExpandedHost>()
  for (const host of hosts) {
    const twin = seen.get(host.canonical)
    if (twin) {
      const names = twin.name === host.name ? host.name : `${twin.name} and ${host.name}`
      const places = [twin, host].map((each) => each.from[0] ?? each.source)
      throw new ChaosError('HOST_TWICE', {
        message: `${names} ${twin.name === host.name ? 'is' : 'are the same host'} in the fleet twice: from ${places.join(' and from ')}.`,
        hint: 'Keep one of them; data for several hosts belong into groups.',
        host: host.name,
      })
    }
    seen.set(host.canonical, host)
  }
}
