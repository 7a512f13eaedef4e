import { ChaosError } from '@chaos/core'
import type { HostReference, Identity } from '@chaos/core'
import { createConnector } from '../connect/index.ts'
import { createPluginContexts } from '../context/index.ts'
import { createEmitter, createRedactor, newRunId } from '../events/index.ts'
import { expandFleet, select } from '../inventory/index.ts'
import type { ResolvedHost } from '../inventory/index.ts'
import { isNameOf } from '../inventory/match-host.ts'
import type { RunOptions } from './contract.ts'

export interface IdentitiesOptions extends Pick<RunOptions, 'hosts' | 'boats' | 'groups' | 'load' | 'isConnector' | 'prompt' | 'signal'> {
  /** Hosts of the fleet, globs and `group:NAME` of it, or any other names: those have no data. */
  readonly names: readonly string[]
}

export interface Identities {
  /** Those that are meant, each once, in the order of the names. */
  readonly hosts: readonly string[]
  /** Asks a host who it is. What it stands on is open as long as the answer is used. */
  identify<T>(host: string, use: (identity: Identity) => Promise<T>): Promise<T>
}

/** Asks machines who they are, before they are trusted. One run: what is trusted of one machine may be the way to the next. */
export async function openIdentities(options: IdentitiesOptions): Promise<Identities> {
  const { load, signal = new AbortController().signal } = options
  const redactor = createRedactor()
  const contexts = createPluginContexts({ signal, redactor, prompt: options.prompt, emit: createEmitter({ run: newRunId(), listeners: [], redactor }) })
  const chosen = new Map((await hostsOf(options, contexts.of())).map((host) => [host.name, host]))
  const connector = createConnector({ load, context: contexts.of, signal })
  return {
    hosts: [...chosen.keys()],
    async identify(name, use) {
      const host = chosen.get(name) as ResolvedHost
      const identified = await connector.identify(host, async (identity) => ({ used: await use(identity) }))
      if (identified) return identified.used
      const by = host.layers.at(-1)?.connector
      throw new ChaosError('CONNECTOR_NO_IDENTITY', {
        message: `${name} shows nothing that could be trusted: @${by} has no keys of hosts.`,
        hint: `There is nothing to do for it. \`chaos trust\` is for hosts over ssh, and for connectors that can say who a machine is.`,
        host: name,
      })
    },
  }
}

type Context = Parameters<typeof expandFleet>[1]

/** The hosts that the names mean: of the fleet, as `--limit` reads it, else hosts of their own, whose hops are still the fleet's. */
async function hostsOf({ names, hosts, boats = [], groups = {}, load, isConnector }: IdentitiesOptions, context: Context): Promise<readonly ResolvedHost[]> {
  const expand = (references: readonly HostReference[]): Promise<readonly ResolvedHost[]> => expandFleet({ hosts: references, groups, load, isConnector }, context)
  const fleet = await expandFleet({ hosts, boats, groups, load, isConnector }, context)
  const found = await Promise.all(
    names.map(async (name) => {
      const exact = fleet.filter((host) => isNameOf(name, host))
      if (exact.length > 0) return exact
      // A pattern that names nothing is an error there.
      if (/[*?]|^group:/.test(name)) return select(fleet, { limit: [name] })
      return expand([{ name }])
    }),
  )
  const wanted = new Set(found.flat().map(({ canonical }) => canonical))
  const strange = new Map(found.flat().filter((host) => !fleet.some(({ canonical }) => canonical === host.canonical)).map((host) => [host.canonical, host]))
  const all = strange.size === 0 ? fleet : await expand([...fleet, ...strange.values()].map(({ name, data, groups: own }) => ({ name, data: { ...data }, groups: [...own] })))
  return [...wanted].flatMap((canonical) => all.filter((host) => host.canonical === canonical))
}
