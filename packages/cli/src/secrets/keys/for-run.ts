import type { Config } from '../../config.ts'
import type { LoadedRole } from '../../roles.ts'
import { wantedSecrets } from '../plugins.ts'
import type { RunSecrets } from '../run-secrets.ts'
import { keyReference } from './reference.ts'

/** The key that a provider keeps (`-p`) is asked for before the run begins, and only where a role gets secrets. A mistake in the word is told all the same. */
export async function keyForRun(word: string, config: Config, secrets: RunSecrets, roles: readonly LoadedRole[]): Promise<void> {
  if (roles.some((role) => wantedSecrets(role).length > 0)) await secrets.fetchKey()
  else keyReference(word, config)
}
