import type { Metadata, SecretTree } from '@chaos/sops'
import { secretsFile, sopsFile } from './files.ts'
import type { Naming, SecretsFileOptions } from './files.ts'
import type { KeySource } from './key-source.ts'
import type { Surroundings } from './keys/read-key.ts'
import type { Sealed } from './open.ts'

/** A secrets file, and what is in it. */
export interface OpenSecrets extends Sealed {
  readonly metadata: Metadata
  readonly tree: SecretTree
}

/** The secrets file of one command: whoever asks first has it decrypted, once, and only in memory. */
export interface RunSecrets {
  /** Where it is. Throws SECRETS_FILE_NOT_SET. */
  place(): Promise<{ file: string; sops: string | undefined }>
  /** Asks the provider that keeps the key, where one is named. Else it is asked when the file is opened. */
  fetchKey(): Promise<void>
  open(): Promise<OpenSecrets>
}

export interface RunSecretsOptions extends Surroundings {
  readonly options: SecretsFileOptions
  /** The Ch-obolo, which may name the files too. */
  readonly naming: () => Promise<Naming | undefined>
}

export function makeRunSecrets({ options, naming, ...around }: RunSecretsOptions): RunSecrets {
  const { provider } = options
  let key: Promise<() => Promise<KeySource>> | undefined
  let opened: Promise<OpenSecrets> | undefined

  const place: RunSecrets['place'] = async () => {
    const chobolo = await naming()
    return { file: secretsFile(options, around.config, chobolo), sops: sopsFile(options, around.config, chobolo) }
  }
  const fetch = (word: string): Promise<() => Promise<KeySource>> => (key ??= import('./keys/provided.ts').then(({ fetchKey }) => fetchKey(word, around)))
  return {
    place,
    fetchKey: async () => void (provider !== undefined && (await fetch(provider))),
    open: () =>
      (opened ??= import('./decrypted.ts').then(async ({ decrypted }) =>
        decrypted(await place(), { ...around, ...(provider !== undefined && { fetched: async () => (await fetch(provider))() }) }),
      )),
  }
}
