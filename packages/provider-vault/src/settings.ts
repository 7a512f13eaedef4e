import { readFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { ChaosError } from '@chaos/core'
import type { VaultConfig } from './config.ts'

/** Seconds. */
const TIMEOUT = 30

/** Where Vault is and how it is talked to. */
export interface Settings {
  readonly address: URL
  /** For messages: the address without its path. */
  readonly name: string
  readonly namespace: string | undefined
  /** PEM of the certificates that are trusted. Undefined: those of Node.js. */
  readonly ca: string | undefined
  /** Milliseconds. */
  readonly timeout: number
}

export async function settingsOf(config: VaultConfig): Promise<Settings> {
  const address = addressOf(config.address ?? variable('ADDR'))
  const caFile = config.ca_file ?? variable('CACERT')
  return {
    address,
    name: address.origin,
    namespace: config.namespace ?? variable('NAMESPACE'),
    ca: caFile === undefined ? undefined : await readText(caFile, 'the certificates that Vault is trusted by'),
    timeout: (config.timeout ?? TIMEOUT) * 1000,
  }
}

/** `VAULT_NAME`. OpenBao has names of its own, and knows those of Vault. */
export function variable(name: string): string | undefined {
  return process.env[`BAO_${name}`] || process.env[`VAULT_${name}`] || undefined
}

/** A file, without the line end behind its text. */
export async function readText(file: string, what: string): Promise<string> {
  try {
    return (await readFile(expand(file), 'utf8')).trim()
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException
    throw new ChaosError('VAULT_FILE', { message: `${file} cannot be read, which holds ${what}: ${code === 'ENOENT' ? 'it is not there' : code}.`, hint: 'Look at secret_providers.vault in the config.', details: { file } })
  }
}

export function expand(file: string): string {
  return path.resolve(file.startsWith('~/') ? path.join(os.homedir(), file.slice(2)) : file)
}

function addressOf(text: string | undefined): URL {
  const url = text === undefined || !URL.canParse(text) ? undefined : new URL(text)
  // It is not shown when it is wrong: there may be a password in it.
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '' && url.hash === '') return url
  throw new ChaosError('VAULT_ADDRESS', {
    message: text === undefined ? 'It is not said where Vault is.' : 'The address of Vault is none of http or https, or has more in it than a host, a port and a path.',
    hint: 'Set VAULT_ADDR, or write it in the config under secret_providers: vault: { address: "https://vault.example.net:8200" }',
  })
}
