import { revealSecret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import type { Redactor } from '@chaos/engine'
import { choboloFile } from '../../chobolo-file.ts'
import { readConfig } from '../../config.ts'
import type { Config } from '../../config.ts'
import { pluginsOf } from '../../plugins.ts'
import { providerContext } from '../../provider-context.ts'
import { makeSecretReader } from '../../secret-reader.ts'
import { secretWords, wrongKey } from './key-type.ts'
import type { KeyReference } from './reference.ts'

/** Where a provider is found, and what it is told. */
export interface Surroundings {
  readonly config: Config
  readonly plugins: Promise<Plugins>
  /** Told of keys that are read. */
  readonly redactor: Promise<Redactor>
}

/** Of a command that has no Ch-obolo open. What is given stays. */
export async function surroundings(given: Partial<Surroundings> = {}): Promise<Surroundings> {
  const config = given.config ?? (await readConfig())
  return {
    config,
    plugins: given.plugins ?? pluginsOf(choboloFile(undefined, config)),
    redactor: given.redactor ?? import('@chaos/engine').then(({ createRedactor }) => createRedactor()),
  }
}

/** The text of a key, and what it is called in messages. Throws what the provider throws; KEY_TEXT where it is empty. */
export async function readKey({ provider, type, item }: KeyReference, { config, plugins, redactor }: Surroundings): Promise<{ text: Secret; from: string }> {
  const from = `The ${type} key ${item} of ${provider}`
  const text = await makeSecretReader({ plugins, config, redactor, context: () => providerContext(redactor) })(provider, item)
  const shown = revealSecret(text)
  if (shown.trim() === '') throw wrongKey(from, 'it is empty', 'Look at what the item holds.')
  for (const word of secretWords(shown)) (await redactor).add(word)
  return { text, from }
}
