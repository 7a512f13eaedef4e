/** Who may decrypt a file: `age1…`, or a PGP fingerprint. Other kinds are kept as they are, and need the sops binary. */
export interface MasterKey {
  /** `age`, `pgp`, `kms`, `gcp_kms`, `azure_kv`, `hc_vault`, `hckms`, … as in the metadata of a file. */
  kind: string
  /** What it is known by: the recipient, the fingerprint, the ARN. */
  id: string
}

/** What stands in the metadata of a file. */
export type Field = string | number | boolean | readonly Field[] | { readonly [key: string]: Field }

/** A master key of a file, with the data key encrypted for it. */
export interface StoredKey extends MasterKey {
  /** As it stands in the file. */
  fields: Readonly<Record<string, Field>>
}

/** Keys each of which opens the group's share. Of one group the share is the data key itself. */
export type KeyGroup<Key extends MasterKey = MasterKey> = readonly Key[]

/** Each kind as sops names its keys: in one text, the same in a config and in a file. */
const IDS: Record<string, (text: (key: string) => string) => string> = {
  age: (text) => text('recipient'),
  pgp: (text) => text('fp'),
  kms: (text) => [text('arn'), text('role')].filter(Boolean).join('+'),
  gcp_kms: (text) => text('resource_id'),
  hckms: (text) => text('key_id'),
  azure_kv: (text) => (text('name') === '' ? text('vault_url') : `${text('vault_url').replace(/\/$/, '')}/keys/${text('name')}/${text('version')}`),
  hc_vault: (text) => (text('vault_address') === '' ? text('key_name') : `${text('vault_address').replace(/\/$/, '')}/v1/${text('engine_path')}/keys/${text('key_name')}`),
}

/** Plugins are named before the last 1, which what follows never has; these kinds age knows itself. */
const OF_AGE_PLUGIN = /^age1(?!(?:pq|tag|tagpq)1)\S+1/

export function encryptedShare({ fields: { enc } }: StoredKey): string {
  return typeof enc === 'string' ? enc : ''
}

/** How a kind of key is called that needs the sops binary; undefined where it is known here. */
export function foreignKind({ kind, id }: MasterKey): string | undefined {
  if (kind === 'pgp') return undefined
  if (kind !== 'age') return kind
  if (id.startsWith('ssh-')) return AGE_SSH
  return OF_AGE_PLUGIN.test(id) ? AGE_PLUGIN : undefined
}

export const AGE_SSH = 'age (ssh)'
export const AGE_PLUGIN = 'age (plugin)'

export function isSupported(key: MasterKey): boolean {
  return foreignKind(key) === undefined
}

export function idOf(kind: string, fields: Readonly<Record<string, Field>>): string {
  const text = (key: string): string => (typeof fields[key] === 'string' ? fields[key] : '')
  return IDS[kind]?.(text) || kind
}

export function sameKey(a: MasterKey, b: MasterKey): boolean {
  return a.kind === b.kind && normalId(a) === normalId(b)
}

function normalId({ kind, id }: MasterKey): string {
  return kind === 'pgp' ? id.replaceAll(' ', '').toUpperCase() : id
}
