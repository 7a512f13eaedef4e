import { ChaosError, isConnector as isConnectorValue } from '@chaos/core'
import type { Connector } from '@chaos/core'
import type { Load } from '../run/contract.ts'

/** The connectors of a run, each loaded once. */
export interface Connectors {
  /** Loads one; an error of loading passes. */
  get(name: string): Promise<Connector>
  /** Whether a connector of this name is there. Asks the installed ones where they are known, else those loaded so far. */
  known(name: string): boolean
  /** Finds out about names that may or may not be connectors, so that {@link Connectors.known} can tell. */
  learn(names: readonly string[]): Promise<void>
}

export function createConnectors(load: Load, installed?: (name: string) => boolean): Connectors {
  const loading = new Map<string, Promise<Connector>>()
  const loaded = new Set<string>()

  function get(name: string): Promise<Connector> {
    const found = loading.get(name) ?? loadOne(name)
    loading.set(name, found)
    return found
  }

  async function loadOne(name: string): Promise<Connector> {
    const value = await load('connector', name)
    if (!isConnectorValue(value)) {
      throw new ChaosError('PLUGIN_KIND', {
        message: `What was loaded as the connector "${name}" is no connector.`,
        hint: 'Its package must export what defineConnector gives.',
        details: { kind: 'connector', name },
      })
    }
    loaded.add(name)
    return value
  }

  return {
    get,
    known: (name) => loaded.has(name) || (installed?.(name) ?? false),
    async learn(names) {
      if (installed === undefined) await Promise.allSettled(names.map(get))
    },
  }
}
