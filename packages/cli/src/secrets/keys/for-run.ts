import { readConfig } from '../../config.ts'
import type { LoadedRole } from '../../roles.ts'
import type { KeySourceOptions } from '../key-source.ts'
import { wantedSecrets } from '../plugins.ts'
import { keyReference } from './reference.ts'

/** The keys of a run. That of a provider is asked for before the run begins, while the provider can still ask the user, and only where a role gets secrets. */
export async function keysForRun(options: KeySourceOptions, roles: readonly LoadedRole[]): Promise<KeySourceOptions> {
  const { provider, config } = options
  if (provider === undefined) return options
  if (!roles.some((role) => wantedSecrets(role).length > 0)) {
    // A mistake in it is told all the same.
    keyReference(provider, config ?? (await readConfig()))
    return options
  }
  const { fetchKey } = await import('./provided.ts')
  return { ...options, fetched: await fetchKey(provider, options) }
}
