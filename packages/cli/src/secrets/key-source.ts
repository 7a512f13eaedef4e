import type { Keys } from '@chaos/sops'
import { ageIdentities } from './identities.ts'
import type { Surroundings } from './keys/read-key.ts'
import { runProgram } from './run-program.ts'

/** Where the keys of one command come from. Whoever opens it ends it, whatever happens. */
export interface KeySource {
  /** What opens a file in process. */
  readonly keys: Keys
  /** What the sops binary is given in its environment: names of private files, and what it takes in no other way. */
  readonly env: Readonly<Record<string, string>>
  /** Takes away what was kept in memory for it. */
  end(): Promise<void>
}

export interface KeySourceOptions extends Partial<Surroundings> {
  /** `NAME.TYPE`, `NAME.TYPE:ITEM`, or `default` for what the config says. Not given: the user's own keys alone. */
  readonly provider?: string | undefined
  /** The key of the provider, where it was read before. */
  readonly fetched?: (() => Promise<KeySource>) | undefined
}

/** The user's own keys: the age identities where the file has age recipients, and gpg. With a provider the key that it keeps, too. */
export async function openKeySource({ provider, fetched, ...given }: KeySourceOptions = {}): Promise<KeySource> {
  if (fetched) return fetched()
  if (provider !== undefined) return (await (await import('./keys/provided.ts')).fetchKey(provider, given))()
  return {
    keys: { run: runProgram, identities: ageIdentities },
    env: {},
    end: async () => undefined,
  }
}
