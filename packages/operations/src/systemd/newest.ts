import type { Host } from '@chaos/core'
import { newestChange } from '../facts/newest-change.ts'
import type { Newest } from './difference.ts'

/** When what a unit is restarted or reloaded for changed last, asked for at once. */
export async function newestOf({ restartWhenNewer, reloadWhenNewer }: { restartWhenNewer: readonly string[]; reloadWhenNewer: readonly string[] }, host: Host): Promise<Newest> {
  const newest = async (all: readonly string[]): Promise<number | null> => {
    const changes = await Promise.all(all.map((each) => host.fact(newestChange(each))))
    return changes.reduce((latest, each) => (each === null || (latest !== null && latest > each) ? latest : each), null)
  }
  const [restart, reload] = await Promise.all([newest(restartWhenNewer), newest(reloadWhenNewer)])
  return { restart, reload }
}
