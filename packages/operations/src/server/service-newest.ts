import type { Host } from '@chaos/core'
import { newestChange } from '../facts/newest-change.ts'
import type { WantedServices } from './service-backend.ts'

/** When what it is restarted or reloaded for changed last, microseconds; `null` = never, or it is not there. */
export interface Newest {
  readonly restart?: number | null
  readonly reload?: number | null
}

/** Asks for it, all at once. */
export async function newestOf({ restartWhenNewer, reloadWhenNewer }: Pick<WantedServices, 'restartWhenNewer' | 'reloadWhenNewer'>, host: Host): Promise<Newest> {
  const newest = async (all: readonly string[]): Promise<number | null> => {
    const changes = await Promise.all(all.map((each) => host.fact(newestChange(each))))
    return changes.reduce((latest, each) => (each === null || (latest !== null && latest > each) ? latest : each), null)
  }
  const [restart, reload] = await Promise.all([newest(restartWhenNewer), newest(reloadWhenNewer)])
  return { restart, reload }
}
