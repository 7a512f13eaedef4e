import { ChaosError } from '@chaos/core'
import { wrongKey } from './key-type.ts'

/** Where a Vault is, and a token for it. */
export interface VaultKey {
  readonly address: string
  readonly token: string
}

const HINT = 'It has two lines: `# Vault Address:: https://vault.example.net` and `Vault Key: hvs.…`'

export function writeVaultText({ address, token }: VaultKey): string {
  return `# Vault Address:: ${address}\nVault Key: ${token}\n`
}

/** Reads such a text. `from` says in errors where it is from. Throws KEY_TEXT. */
export function readVaultText(text: string, from: string): VaultKey {
  const address = /^\s*# Vault Address::[ \t]*(\S+)[ \t]*$/m.exec(text)?.[1]
  const token = /^\s*Vault Key:[ \t]*(\S+)[ \t]*$/m.exec(text)?.[1]
  if (address === undefined || token === undefined) throw wrongKey(from, `it has no ${address === undefined ? 'address of a Vault' : 'key of a Vault'}`, HINT)
  if (!isAddress(address)) throw wrongKey(from, 'the address of the Vault in it is no URL', HINT)
  if (!isToken(token)) throw wrongKey(from, 'the key of the Vault in it is no token', HINT)
  return { address, token }
}

export function checkAddress(address: string): string {
  if (isAddress(address)) return address
  throw new ChaosError('USAGE', { message: `${address} is no address of a Vault.`, hint: 'It is a URL: https://vault.example.net:8200' })
}

function isAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

/** `hvs.`, `hvb.` and `hvr.`, or `s.`, `b.` and `r.` before Vault 1.10. */
export function isToken(text: string): boolean {
  return /^(hv)?[sbr]\.[\w.-]{8,}$/.test(text)
}
