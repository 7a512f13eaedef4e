import { ChaosError, isChaosError, quote, revealSecret } from '@chaos/core'
import { atOnce } from '../at-once.ts'
import { configFile, setConfig } from '../config.ts'
import { EXIT } from '../exit-codes.ts'
import type { SecretsExportOptions } from '../program/options.ts'
import { kindOf, openProvider } from '../provider-config.ts'
import { providerContext } from '../provider-context.ts'
import { secretWords, withoutImport } from '../secrets/keys/key-type.ts'
import { surroundings } from '../secrets/keys/read-key.ts'
import { keyToStore } from '../secrets/keys/to-store.ts'

/** `chaos secrets export PROVIDER`: stores a key with a provider, after it was looked at. */
export async function run(name: string, options: SecretsExportOptions): Promise<number> {
  const { keyType: type, itemName } = options
  const { config, plugins, redactor } = await surroundings()
  const { provider, section } = await openProvider(name, await plugins, config)
  const write = provider.write?.bind(provider)
  if (!write) throw new ChaosError('PROVIDER_READS_ONLY', { message: `The provider ${name} cannot store anything: it only reads.`, hint: `Store the key with its own program, and name it in the config: secret_providers: { ${name}: { ${type}_id: ITEM } }` })
  const { text, shown } = await keyToStore(options, name)
  const given = await providerContext(redactor)
  const stored = options.import ? text : text.map(withoutImport)
  const known = await redactor
  // A provider may tell what it did not take.
  for (const each of [revealSecret(stored), ...secretWords(revealSecret(stored))]) known.add(each)
  const item = await atOnce(`${name} was to store ${itemName}`, (signal) => write(itemName, stored, { ...given(signal), config: section })).catch((error: unknown) => {
    throw notStored(name, itemName, error)
  })
  process.stderr.write(`${name}: stored ${shown.join(', ')} as ${item}.\n`)
  await remember(name, `${type}_id`, item, options.saveToConfig === true)
  process.stderr.write(`It opens secrets with: -p ${name}.${type}${options.saveToConfig ? '' : `:${quote(item)}`}\n`)
  return EXIT.done
}

async function remember(name: string, key: string, item: string, save: boolean): Promise<void> {
  if (!save) return void process.stderr.write(`For ${configFile()}:\nsecret_providers:\n  ${name}:\n    ${key}: ${JSON.stringify(item)}\n`)
  await setConfig(['secret_providers', name, key], item)
  process.stderr.write(`${configFile()}: secret_providers.${name}.${key} names it.\n`)
}

/** What a provider throws may hold the key; of a stranger's error only the kind is told. */
function notStored(name: string, item: string, cause: unknown): ChaosError {
  if (isChaosError(cause)) return cause
  return new ChaosError('KEY_NOT_STORED', { message: `The provider ${name} could not store ${item}: it failed with ${kindOf(cause)}.`, hint: 'chaos check providers shows what is installed.' })
}

