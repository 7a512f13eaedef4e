import type { Secret } from '@chaos/core'
import { isChaosError } from '@chaos/core'
import { failure } from '../failure.ts'
import { decryptWithAge, encryptWithAge, sortIdentities } from './age.ts'
import type { Identity } from './age.ts'
import { encryptedShare, foreignKind, sameKey } from './master-key.ts'
import type { KeyGroup, MasterKey, StoredKey } from './master-key.ts'
import { decryptWithPgp, encryptWithPgp } from './pgp.ts'
import type { Run } from './pgp.ts'
import { combine, split } from './shamir.ts'

/** What opens a file. */
export interface Keys {
  /** Texts with age identities, as `age-keygen` writes them; or what finds them, which is asked where a file has age recipients. */
  identities?: readonly Secret[] | ((groups: readonly KeyGroup<StoredKey>[]) => Promise<readonly Secret[]>)
  /** Runs gpg. Not given: PGP keys cannot be used. */
  run?: Run
}

export const DATA_KEY_BYTES = 32

/** The data key of a file. Throws SOPS_NO_KEY; SOPS_KEY_KIND where a key of a kind that is not known here might open it. */
export async function recoverDataKey(groups: readonly KeyGroup<StoredKey>[], threshold: number, keys: Keys, file: string): Promise<Uint8Array> {
  const texts = groups.flat().some(({ kind }) => kind === 'age') ? await identitiesFor(groups, keys) : []
  const { identities, foreign } = texts.length === 0 ? { identities: [], foreign: [] } : await sortIdentities(texts)
  const reasons: string[] = []
  const shares: Uint8Array[] = []
  const needed = groups.length === 1 ? 1 : threshold
  for (const group of groups) {
    const share = await openGroup(group, identities, keys.run, reasons)
    if (share) shares.push(share)
    if (shares.length === needed) break
  }
  if (shares.length < needed) throw notOpened(groups, { needed, got: shares.length, reasons, foreign }, file)
  const key = groups.length === 1 ? shares[0] : combine(shares)
  if (key?.length !== DATA_KEY_BYTES) {
    throw failure('SOPS_SHARES', file, { message: groups.length === 1 ? 'its data key has not 32 bytes.' : 'the shares of its data key do not fit each other.', hint: 'Restore the file from a copy.' })
  }
  return key
}

async function identitiesFor(groups: readonly KeyGroup<StoredKey>[], { identities = [] }: Keys): Promise<readonly Secret[]> {
  return typeof identities === 'function' ? identities(groups) : identities
}

async function openGroup(group: KeyGroup<StoredKey>, identities: readonly Identity[], run: Run | undefined, reasons: string[]): Promise<Uint8Array | undefined> {
  const age = group.filter(({ kind }) => kind === 'age')
  // First the recipients whose identities are known, then all: a hidden recipient fits without being named.
  const known = age.filter(({ id }) => identities.some(({ recipient }) => recipient === id))
  for (const key of identities.length === 0 ? [] : [...known, ...age.filter((each) => !known.includes(each))]) {
    const share = await decryptWithAge(encryptedShare(key), identities)
    if (share) return share
    reasons.push(`${key.id}: none of ${identities.length} identities fits`)
  }
  if (identities.length === 0) reasons.push(...age.map(({ id }) => `${id}: no age identity is given`))
  for (const key of group.filter(({ kind }) => kind === 'pgp')) {
    if (!run) {
      reasons.push(`${key.id}: gpg is not at hand`)
      continue
    }
    const share = await decryptWithPgp(encryptedShare(key), run).catch((error: unknown) => {
      if (isChaosError(error) && error.code === 'PROGRAM_MISSING') return { code: 127, stderr: 'the program gpg is not there' }
      throw error
    })
    if (share instanceof Uint8Array) return share
    reasons.push(`${key.id}: ${share.stderr || `gpg ended with ${share.code}`}`)
  }
  return undefined
}

interface Tried {
  needed: number
  got: number
  reasons: readonly string[]
  /** Kinds of identities that are at hand, and cannot be used here. */
  foreign: readonly string[]
}

function notOpened(groups: readonly KeyGroup<StoredKey>[], { needed, got, reasons, foreign }: Tried, file: string): Error {
  const all = groups.flat()
  const kinds = [...new Set([...all.flatMap((key) => foreignKind(key) ?? []), ...foreign])]
  const message = groups.length === 1 ? 'no key at hand opens it.' : `${needed} of its ${groups.length} key groups must be opened, and ${got} could be.`
  const details = { keys: all.map(({ kind, id }) => ({ kind, id })), reasons: [...reasons], ...(kinds.length > 0 && { kinds }) }
  return kinds.length > 0
    ? failure('SOPS_KEY_KIND', file, { message: `${message} Keys of the kind ${kinds.join(', ')} are not known here.`, hint: 'Install the sops binary, which knows them.', details })
    : failure('SOPS_NO_KEY', file, { message, hint: `Give the identity or key of one of: ${all.map(({ id }) => id).join(', ')}`, details })
}

export interface WrapOptions {
  groups: readonly KeyGroup[]
  /** Groups that must be opened. Not given = all. */
  threshold?: number
  run?: Run
  /** Keys that have the same share already; they keep it as it stands. */
  kept?: readonly StoredKey[]
}

/** The data key, encrypted for all master keys. Throws SOPS_NO_RECIPIENT, SOPS_KEY_KIND, SOPS_AGE_RECIPIENT, SOPS_GPG, SOPS_SHARES. */
export async function wrapDataKey(dataKey: Uint8Array, { groups, threshold, run, kept = [] }: WrapOptions, file: string): Promise<StoredKey[][]> {
  if (groups.length === 0 || groups.some((group) => group.length === 0)) {
    throw failure('SOPS_NO_RECIPIENT', file, { message: groups.length < 2 ? 'nobody could decrypt it: no recipient is given.' : 'a key group is empty.', hint: 'Name at least one age recipient or PGP fingerprint.' })
  }
  const created = new Date().toISOString().replace(/\.\d+/, '')
  const shares = groups.length === 1 ? [dataKey] : split(dataKey, groups.length, checkThreshold(threshold ?? groups.length, groups.length, file))
  return Promise.all(groups.map(async (group, index) => Promise.all(unique(group).map(async (key) => kept.find((each) => sameKey(each, key)) ?? wrap(shares[index] as Uint8Array, key, run, created, file)))))
}

async function wrap(share: Uint8Array, key: MasterKey, run: Run | undefined, created: string, file: string): Promise<StoredKey> {
  const foreign = foreignKind(key)
  if (foreign !== undefined) {
    throw failure('SOPS_KEY_KIND', file, { message: `keys of the kind ${foreign} are not known here.`, hint: 'Install the sops binary, which knows them, or use age recipients.', details: { kinds: [foreign], keys: [{ kind: key.kind, id: key.id }] } })
  }
  if (key.kind === 'age') return { ...key, fields: { enc: await encryptWithAge(share, key.id, file), recipient: key.id } }
  if (!run) throw failure('SOPS_GPG', file, { message: 'gpg is not at hand, and it encrypts for PGP keys.', hint: 'Install gnupg.', details: { fingerprint: key.id } })
  const id = key.id.replaceAll(' ', '')
  return { kind: 'pgp', id, fields: { created_at: created, enc: await encryptWithPgp(share, id, run, file), fp: id } }
}

function unique(group: KeyGroup): MasterKey[] {
  return group.filter((key, index) => group.findIndex((each) => sameKey(each, key)) === index)
}

function checkThreshold(threshold: number, groups: number, file: string): number {
  if (Number.isInteger(threshold) && threshold >= 2 && threshold <= groups && groups <= 255) return threshold
  throw failure('SOPS_SHARES', file, { message: `${threshold} of ${groups} key groups is no threshold: it is at least 2 and at most their number.`, hint: 'Set shamir_threshold, or leave it out for all of them.' })
}
