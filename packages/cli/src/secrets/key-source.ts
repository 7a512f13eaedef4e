import { inspectSops } from '@chaos/sops'
import type { Keys } from '@chaos/sops'
import { ageIdentities } from './identities.ts'
import { runProgram } from './run-program.ts'

/** Where the keys of one command come from. Whoever opens it ends it, whatever happens. */
export interface KeySource {
  /** What opens this file in process. */
  keys(text: string, file: string): Promise<Keys>
  /** What the sops binary is given in its environment: names of private files, and what it takes in no other way. */
  readonly env: Readonly<Record<string, string>>
  /** Takes away what was kept in memory for it. */
  end(): Promise<void>
}

export interface KeySourceOptions {
  /** `NAME.TYPE`, `NAME.TYPE:ITEM`; true: the config's `secret_providers.default`. Not given: the user's own keys alone. */
  provider?: string | true
}

/** The user's own keys: the age identities where the file has age recipients, and gpg. */
export async function openKeySource(_options: KeySourceOptions = {}): Promise<KeySource> {
  return {
    async keys(text, file) {
      const age = inspectSops(text, { file }).groups.some((group) => group.some(({ kind }) => kind === 'age'))
      return { run: runProgram, identities: age ? await ageIdentities() : [] }
    },
    env: {},
    end: async () => undefined,
  }
}
