import { ChaosError } from '@chaos/core'
import type { Config } from '../../config.ts'
import { KEY_TYPES, isKeyType } from './key-type.ts'
import type { KeyType } from './key-type.ts'

/** The key that `-p` means. */
export interface KeyReference {
  /** The provider. */
  readonly provider: string
  readonly type: KeyType
  /** What the provider knows it by. */
  readonly item: string
}

/** `-p` alone. */
export const DEFAULT = 'default'

/** Reads `NAME.TYPE`, which the config says the item of, or `NAME.TYPE:ITEM`. Throws KEY_REFERENCE. */
export function keyReference(word: string, { secret_providers: sections = {} }: Config): KeyReference {
  const written = word === DEFAULT ? defaultOf(sections[DEFAULT]) : word
  const from = written === word ? written : `secret_providers.${DEFAULT} (${written})`
  const [name, ...rest] = written.split(':')
  const item = rest.length === 0 ? undefined : rest.join(':')
  const dot = (name as string).lastIndexOf('.')
  const provider = (name as string).slice(0, Math.max(dot, 0))
  const type = (name as string).slice(dot + 1)
  if (dot < 1 || type === '') throw wrong(`${from} names no key: it is no NAME.TYPE.`, `A provider and a kind of key: ${dot === -1 && name ? name : 'bw'}.age`)
  if (!isKeyType(type)) throw wrong(`${from} names a kind of key that is not known: ${type}.`, `There are ${KEY_TYPES.join(', ')}: ${provider}.age`)
  if (item !== undefined && item !== '') return { provider, type, item }
  return { provider, type, item: itemOf(sections[provider], provider, type) }
}

function defaultOf(value: unknown): string {
  if (typeof value === 'string') return value
  throw wrong('The config names no key for -p alone.', `Name one: secret_providers: { ${DEFAULT}: bw.age }, or behind the option: -p bw.age`)
}

function itemOf(section: unknown, provider: string, type: KeyType): string {
  if (typeof section !== 'object' || section === null) {
    throw wrong(`The config has no section for the provider ${provider}.`, `Say which item it is: secret_providers: { ${provider}: { ${type}_id: ITEM } }, or behind the option: -p ${provider}.${type}:ITEM`)
  }
  const { [`${type}_id`]: id, [`${type}_url`]: url } = section as Record<string, unknown>
  const item = id ?? url
  if ((typeof item === 'string' && item !== '') || typeof item === 'number') return String(item)
  throw wrong(`The config does not say which item of ${provider} the ${type} key is.`, `Write it there: secret_providers: { ${provider}: { ${type}_id: ITEM } }, or store a key: chaos secrets export ${provider} -t ${type} -n NAME -s`)
}

function wrong(message: string, hint: string): ChaosError {
  return new ChaosError('KEY_REFERENCE', { message, hint })
}
