import { ChaosError } from '@chaos/core'
import { at, isMap } from './json.ts'
import { mountOf } from './mount.ts'
import type { Mount } from './mount.ts'
import { encodePath } from './reference.ts'
import type { Reference } from './reference.ts'
import type { Session } from './session.ts'
import { notVault } from './status-error.ts'
import type { Told } from './vault.ts'

/** A secret as Vault keeps it. */
export interface Kept {
  readonly data: Readonly<Record<string, unknown>>
  /** Its numbers as they were written. */
  readonly exact: unknown
}

/** A secret with all of its fields, read once per run. One that is not there is an error. */
export function readOnce(reference: Reference, session: Session, signal: AbortSignal): Promise<Kept> {
  const { path, version } = reference
  const key = `${path}?${version ?? ''}`
  const reading = session.reads.get(key) ?? read(reference, session, signal)
  session.reads.set(key, reading)
  return reading
}

async function read(reference: Reference, session: Session, signal: AbortSignal): Promise<Kept> {
  const mount = await mountOf(reference, session, signal)
  const found = await ask(reference, mount, session, signal)
  if (found.kept) return found.kept
  throw found.version === undefined ? missing(reference, mount) : deleted(reference, mount, found)
}

export interface Found {
  readonly kept?: Kept
  /** The number of the version that is there, or was. */
  readonly version?: number
  /** When it was deleted; empty where it was destroyed. */
  readonly deleted?: string
}

/** What is at a path now: a version that was deleted has a number, and nothing else. */
export async function ask({ path, version }: Reference, mount: Mount, session: Session, signal: AbortSignal): Promise<Found> {
  if (mount.version === 1) {
    if (version !== undefined) {
      throw new ChaosError('VAULT_REFERENCE', { message: `The engine at ${mount.path} keeps no versions: it is of KV version 1.`, hint: 'Leave ?version= out.', details: { path } })
    }
    const told = await session.ask({ path: encodePath(path), allow: [404] }, signal)
    return told.status === 404 ? absent(told, session, path) : { kept: kept(told, ['data'], session, path) }
  }
  const api = dataPath(path, mount)
  const told = await session.ask({ path: api, allow: [404], ...(version !== undefined && { query: `version=${version}` }) }, signal)
  const metadata = at(told.value, 'data', 'metadata')
  if (told.status === 404 && metadata === undefined) return absent(told, session, path)
  const number = Number(at(metadata, 'version'))
  if (!Number.isSafeInteger(number)) throw notVault(session.settings.name, { status: told.status, headers: {} }, path)
  // A deleted version says so with its number and without its data.
  const when = at(metadata, 'deletion_time')
  if (told.status === 404 || at(told.value, 'data', 'data') === null) return { version: number, deleted: typeof when === 'string' ? when : '' }
  return { version: number, kept: kept(told, ['data', 'data'], session, path) }
}

/** Where the API has a secret of version 2. */
export function dataPath(path: string, mount: Mount): string {
  return `${encodePath(mount.path.replace(/\/$/, ''))}/data/${encodePath(path.slice(mount.path.length))}`
}

function kept({ value, exact }: Told, keys: string[], { settings }: Session, path: string): Kept {
  const data = at(value, ...keys)
  if (isMap(data)) return { data, exact: at(exact, ...keys) }
  throw notVault(settings.name, { status: 200, headers: { 'content-type': 'application/json' } }, path)
}

/** Nothing is there; but a page that somebody else shows for everything is none of Vault's. */
function absent({ value }: Told, { settings }: Session, path: string): Found {
  if (Array.isArray(at(value, 'errors'))) return {}
  throw notVault(settings.name, { status: 404, headers: { 'content-type': 'application/json' } }, path)
}

function missing({ path, version, text }: Reference, mount: Mount): ChaosError {
  const below = path.slice(mount.path.length)
  const doubled = mount.version === 2 && below.startsWith('data/')
  return new ChaosError('VAULT_MISSING', {
    message: version === undefined ? `Vault has no secret ${path}.` : `Vault has no version ${version} of a secret ${path}.`,
    hint: doubled
      ? `Leave out data/, which only the API has: ${mount.path}${below.slice('data/'.length)}`
      : `Look what there is: vault kv ${version === undefined ? 'list' : 'metadata get'} -mount=${mount.path.slice(0, -1)}${version === undefined ? '' : ` ${below}`}`,
    details: { reference: text, path },
  })
}

function deleted({ path, text }: Reference, mount: Mount, { version, deleted: when = '' }: Found): ChaosError {
  const below = path.slice(mount.path.length)
  const day = /^\d{4}-\d\d-\d\d/.exec(when)?.[0]
  return new ChaosError('VAULT_DELETED', {
    message: `Version ${version} of ${path} in Vault was ${day === undefined ? 'destroyed' : `deleted on ${day}`}.`,
    hint: `${day === undefined ? '' : `Bring it back: vault kv undelete -versions=${version} -mount=${mount.path.slice(0, -1)} ${below}; or w`}${day === undefined ? 'W' : ''}rite it anew, or name an older one: ${path}?version=NUMBER`,
    details: { reference: text, path, version },
  })
}
