import { failure } from '../failure.ts'
import { sopsEntry } from '../document/walk.ts'
import type { Document, Node } from '../document/tree.ts'
import { idOf } from '../keys/master-key.ts'
import type { Field, StoredKey } from '../keys/master-key.ts'
import { SELECTION_KEYS } from '../selection/selection.ts'
import type { SelectionRules } from '../selection/selection.ts'
import { plainOf } from '../value/value.ts'

/** The version of sops whose files these are; it stands in what is written here. */
export const FORMAT_VERSION = '3.13.3'

/** What a sops file says of itself. None of it is secret. */
export interface Metadata {
  groups: readonly (readonly StoredKey[])[]
  /** Groups that must be opened; 1 of one group. */
  threshold: number
  rules: SelectionRules
  /** RFC 3339, as in the file: the hash is sealed with it. */
  lastModified: string
  /** The encrypted hash. Not there in a file without one, which is never decrypted. */
  mac: string | undefined
  version: string
}

/** Names in the metadata that are no kinds of keys. */
const OTHERS = new Set<string>(['key_groups', 'shamir_threshold', 'lastmodified', 'mac', 'mac_only_encrypted', 'version', 'attention', ...SELECTION_KEYS])

/** Throws SOPS_NOT_SOPS, SOPS_METADATA. */
export function readMetadata({ root }: Document, file: string): Metadata {
  const entry = sopsEntry(root)
  if (!entry) throw failure('SOPS_NOT_SOPS', file, { message: 'it is no sops file: the key sops is missing.', hint: 'Encrypt it first: chaos init secrets --secrets-file FILE. If it was encrypted, its end is lost: restore it from a copy.' })
  const odd = (what: string): never => {
    throw failure('SOPS_METADATA', file, { message: `its metadata (sops) is odd: ${what}.`, hint: 'Restore the file from a copy; the metadata is not to be edited by hand.' })
  }
  const data = fieldOf(entry.node)
  if (!isMap(data)) return odd('it is no map')
  const text = (key: string): string | undefined => {
    const value = data[key]
    if (value === undefined || value === '') return undefined
    return typeof value === 'string' ? value : odd(`${key} is no text`)
  }
  const groups = groupsOf(data, odd)
  if (groups.length === 0) odd('it names nobody who can decrypt it')
  const rules: SelectionRules = { ...(data.mac_only_encrypted !== undefined && { mac_only_encrypted: isTrue(data.mac_only_encrypted) ?? odd('mac_only_encrypted is neither true nor false') }) }
  for (const key of SELECTION_KEYS) {
    const rule = text(key)
    if (rule !== undefined) rules[key] = rule
  }
  const lastModified = text('lastmodified') ?? odd('lastmodified is missing')
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)$/.test(lastModified)) odd('lastmodified is no time')
  const threshold = data.shamir_threshold === undefined ? groups.length : Number(data.shamir_threshold)
  if (groups.length > 1 && !(Number.isInteger(threshold) && threshold >= 1 && threshold <= groups.length)) odd('shamir_threshold does not fit its key groups')
  return { groups, threshold: groups.length === 1 ? 1 : Math.max(2, threshold), rules, lastModified: lastModified.replace(/\.\d+/, ''), mac: text('mac'), version: text('version') ?? '' }
}

function groupsOf(data: Readonly<Record<string, Field>>, odd: (what: string) => never): StoredKey[][] {
  const own = keysOf(data, odd)
  if (own.length > 0) return [own]
  const groups = data.key_groups
  if (groups === undefined || groups === '') return []
  if (!Array.isArray(groups)) return odd('key_groups is no list')
  return (groups as readonly Field[]).map((group) => {
    const keys = isMap(group) ? keysOf(group, odd) : odd('a key group is no map')
    return keys.length > 0 ? keys : odd('a key group is empty')
  })
}

function keysOf(data: Readonly<Record<string, Field>>, odd: (what: string) => never): StoredKey[] {
  return Object.entries(data).flatMap(([kind, list]) => {
    if (OTHERS.has(kind) || list === '' || !Array.isArray(list)) return []
    return (list as readonly Field[]).map((fields) => {
      if (!isMap(fields) || typeof fields.enc !== 'string') return odd(`an entry of ${kind} has no enc`)
      return { kind, id: idOf(kind, fields), fields }
    })
  })
}

/** The `sops` entry of a file that is to be written, in the order of sops 3.13. */
export function printMetadata({ groups, threshold, rules, lastModified, mac, version }: Metadata): Field {
  const fields: Record<string, Field> = {
    ...(groups.length === 1 ? printKeys(groups[0] as readonly StoredKey[]) : { key_groups: groups.map(printKeys), shamir_threshold: threshold }),
    ...Object.fromEntries(Object.entries(rules).filter(([, rule]) => rule !== undefined && rule !== '' && rule !== false)),
    lastmodified: lastModified,
    ...(mac !== undefined && { mac }),
    version,
  }
  return sorted(fields)
}

function printKeys(keys: readonly StoredKey[]): Record<string, Field> {
  const kinds: Record<string, Field[]> = {}
  for (const { kind, fields } of keys) (kinds[kind] ??= []).push(sorted(fields))
  return sorted(kinds)
}

function sorted(fields: Readonly<Record<string, Field>>): Record<string, Field> {
  return Object.fromEntries(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Null is an empty text: sops writes `kms: null` and `kms: []` alike. */
function fieldOf(node: Node): Field {
  if (node.kind === 'list') return node.items.flatMap((item) => (item.kind === 'comment' ? [] : [fieldOf(item)]))
  if (node.kind === 'map') return Object.fromEntries(node.items.flatMap((item) => (item.kind === 'comment' ? [] : [[item.key, fieldOf(item.node)]])))
  if (node.value === null) return ''
  const value = plainOf(node.value)
  return typeof value === 'bigint' ? String(value) : value
}

function isMap(field: Field): field is Readonly<Record<string, Field>> {
  return typeof field === 'object' && !Array.isArray(field)
}

function isTrue(field: Field): boolean | undefined {
  return field === true || field === 'true' ? true : field === false || field === 'false' || field === '' ? false : undefined
}
