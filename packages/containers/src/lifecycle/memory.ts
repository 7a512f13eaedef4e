import type { ChaosError, PluginContext } from '@chaos/core'
import type { Used } from './open.ts'

/** What one run knows of a host's container, for when the connection is lost and opened again. */
export interface Memory {
  /** It has ended: it is neither started again, nor another one instead of it. */
  ended?: ChaosError
  /** It could not be left as it was to be, because its engine was out of reach. */
  left?: Used
}

export function memoryOf(name: string, cache: PluginContext['cache']): Promise<Memory> {
  return cache(`containers ${name}`, async () => ({}))
}
