import { createVerify } from 'node:crypto'
import { ChaosError } from '@chaos/core'
import { download } from './download.ts'
import { npm } from './npm.ts'

/** What a registry of npm says of one version. */
export interface Dist {
  readonly integrity?: string
  readonly signatures?: readonly { readonly keyid: string; readonly sig: string }[]
  /** There when it was published with an attestation. */
  readonly attestations?: unknown
}

/** Asks as npm is configured: its registries, proxies and tokens. */
export async function distOf(name: string, version: string, folder: string, signal: AbortSignal): Promise<Dist> {
  return JSON.parse(await npm(['view', `${name}@${version}`, 'dist', '--json'], folder, signal)) as Dist
}

interface Key {
  readonly keyid: string
  readonly keytype: string
  /** The public key, DER in base64. */
  readonly key: string
  readonly expires?: string | null
}

const MOST = 1024 * 1024

/** Why nobody can tell whether the registry signed these bytes; undefined when it did. Throws STYX_SIGNATURE when a signature is not that of its key. */
export async function unsigned(name: string, version: string, { integrity, signatures = [] }: Dist, folder: string, signal: AbortSignal): Promise<string | undefined> {
  if (signatures.length === 0) return 'it has none'
  const keys = await keysOf(name, folder, signal)
  const message = `${name}@${version}:${integrity}`
  let unknown = 0
  for (const { keyid, sig } of signatures) {
    const key = keys.find((each) => each.keyid === keyid && each.keytype === 'ecdsa-sha2-nistp256')
    if (key === undefined) unknown += 1
    else if (!isOf(key, message, sig)) throw new ChaosError('STYX_SIGNATURE', { message: `its signature is not that of the key ${keyid}`, hint: 'Nothing was changed.' })
  }
  return unknown === signatures.length ? 'its registry shows no key of that name' : undefined
}

function isOf({ key }: Key, message: string, signature: string): boolean {
  const pem = `-----BEGIN PUBLIC KEY-----\n${key}\n-----END PUBLIC KEY-----`
  return createVerify('SHA256').update(message).verify(pem, signature, 'base64')
}

async function keysOf(name: string, folder: string, signal: AbortSignal): Promise<readonly Key[]> {
  const scope = /^@[^/]+/.exec(name)?.[0]
  const of = async (option: string): Promise<string> => (await npm(['config', 'get', option], folder, signal)).trim()
  const own = scope === undefined ? 'undefined' : await of(`${scope}:registry`)
  const registry = own === 'undefined' ? await of('registry') : own
  const { keys } = JSON.parse((await download(new URL('-/npm/v1/keys', registry.replace(/\/*$/, '/')).href, MOST)).toString('utf8')) as { keys: readonly Key[] }
  return keys
}
