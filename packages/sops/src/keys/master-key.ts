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

/** By which field each kind is known. */
const ID_FIELDS: Record<string, string> = { age: 'recipient', pgp: 'fp', kms: 'arn', gcp_kms: 'resource_id', azure_kv: 'vault_url', hc_vault: 'key_name', hckms: 'key_id' }

export const SUPPORTED_KINDS: readonly string[] = ['age', 'pgp']

export function encryptedShare({ fields: { enc } }: StoredKey): string {
  return typeof enc === 'string' ? enc : ''
}

export function isSupported({ kind }: MasterKey): boolean {
  return SUPPORTED_KINDS.includes(kind)
}

export function idOf(kind: string, fields: Readonly<Record<string, Field>>): string {
  const id = fields[ID_FIELDS[kind] ?? '']
  return typeof id === 'string' && id !== '' ? id : kind
}

export function sameKey(a: MasterKey, b: MasterKey): boolean {
  return a.kind === b.kind && normalId(a) === normalId(b)
}

function normalId({ kind, id }: MasterKey): string {
  return kind === 'pgp' ? id.replaceAll(' ', '').toUpperCase() : id
}
