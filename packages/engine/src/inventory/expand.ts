import type { PluginContext } from '@chaos/core'
import { ChaosError, isChaosError } from '@chaos/core'
import type { RunOptions } from '../run/contract.ts'
import { collect } from './collect.ts'
import type { Connectors } from './connectors.ts'
import { groupsOf, withGroupData } from './groups.ts'
import { canonicalName, layerCandidates, parseHostName } from './host-name.ts'
import type { NamedLayer } from './host-name.ts'
import { keysOf, layerData } from './layer-data.ts'
import { checkReference, MAX_HOSTS } from './reference.ts'
import type { CheckedReference } from './reference.ts'

/** How often a reference may become others which become others again. */
const MAX_DEPTH = 8

export interface ExpandedHost {
  readonly name: string
  readonly canonical: string
  readonly layers: readonly NamedLayer[]
  readonly groups: readonly string[]
  /** Its own data, those of its groups not included. */
  readonly own: Readonly<Record<string, unknown>>
  readonly from: readonly string[]
  readonly source: string
}

export interface ExpandInput {
  readonly connectors: Connectors
  readonly groups: RunOptions['groups']
  readonly context: PluginContext
}

/** What a reference stands for: itself, or what its connector makes of it (terraform, vagrant, dockerssh), again and again. */
export async function expand(reference: CheckedReference, source: string, input: ExpandInput, from: readonly string[] = []): Promise<ExpandedHost[]> {
  const { connectors, groups, context } = input
  const { name } = reference
  await connectors.learn(layerCandidates(name).slice(name.startsWith('@') ? 1 : 0))
  const layers = parseHostName(name, connectors.known)
  const loaded = await Promise.all(layers.map((layer) => connectors.get(layer.connector)))
  const canonical = canonicalName(layers)
  const host: ExpandedHost = {
    name,
    canonical,
    layers,
    groups: groupsOf({ name, canonical, from, data: reference.data, groups: reference.groups }, groups),
    own: reference.data,
    from,
    source,
  }
  const [layer] = layers as [NamedLayer]
  const hosts = layers.length === 1 ? loaded[0]?.hosts : undefined
  if (hosts === undefined) {
    const closed = loaded.findIndex((each) => each.open === undefined)
    if (closed >= 0) throw cannotOpen(name, (layers[closed] as NamedLayer).connector, layers.length > 1)
    return [host]
  }
  if (from.length === MAX_DEPTH) {
    throw new ChaosError('HOST_EXPANSION', { message: `${from[0]} never comes to an end: ${name} became others more than ${MAX_DEPTH} times.`, host: name })
  }
  const hostData = withGroupData(host.own, host.groups, groups)
  const data = await layerData(name, layer.connector, keysOf(layer.connector, hostData, connectors), loaded[0]!)
  const found = await askConnector(name, layer.connector, () => hosts(layer.argument, { ...context, data, hostData }), context.signal)
  const children = await Promise.all(
    found.map(async (each) => {
      const child = checkReference(each, `@${layer.connector}`)
      // What is written by hand wins over what a connector found.
      const merged = { name: child.name, data: Object.assign(Object.create(null), child.data, host.own) as CheckedReference['data'], groups: [...new Set([...child.groups, ...host.groups])] }
      // A connector that opens as well gives a reference back as it was when there is nothing to expand.
      if (child.name === name && loaded[0]?.open) return [{ ...host, own: merged.data, groups: merged.groups }]
      return expand(merged, source, input, [...from, name])
    }),
  )
  return children.flat()
}

async function askConnector(name: string, connector: string, ask: () => Iterable<unknown> | AsyncIterable<unknown>, signal: AbortSignal): Promise<unknown[]> {
  try {
    return await collect(ask(), {
      limit: MAX_HOSTS,
      signal,
      tooMany: () => new ChaosError('HOST_REFERENCE', { message: `${name} stands for more than ${MAX_HOSTS} hosts.`, hint: 'Name fewer of them.', host: name }),
    })
  } catch (cause) {
    if (isChaosError(cause) || signal.aborted) throw cause
    throw new ChaosError('HOST_EXPANSION', {
      message: `@${connector} could not tell the hosts of ${name}: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'Nothing was changed.',
      host: name,
      cause,
    })
  }
}

function cannotOpen(name: string, connector: string, stacked: boolean): ChaosError {
  return new ChaosError('CONNECTOR_NOT_OPENING', {
    message: stacked ? `@${connector} only names hosts, so it cannot stand in a stack: ${name}.` : `@${connector} can neither open a shell nor name hosts.`,
    hint: stacked ? `Write @${connector} as a host of its own.` : 'Its package must define open or hosts.',
    host: name,
  })
}
