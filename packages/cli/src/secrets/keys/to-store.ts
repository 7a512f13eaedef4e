import { Buffer } from 'node:buffer'
import { ChaosError, revealSecret, secret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { ownIdentityFile } from '@chaos/sops'
import type { SecretsExportOptions } from '../../program/options.ts'
import { askSecret, askYesNo, canAsk } from '../../prompt.ts'
import { runProgram } from '../run-program.ts'
import { checkedAgeText } from './age-text.ts'
import { readGpgText, writeGpgText } from './gpg-text.ts'
import { fileText, givenText } from './given-text.ts'
import { wrongKey } from './key-type.ts'
import { checkAddress, isToken, readVaultText, writeVaultText } from './vault-text.ts'

/** A key in the text it is stored as, after it was looked at. `shown` is its public part. */
export interface KeyToStore {
  readonly text: Secret
  readonly shown: readonly string[]
}

/** Throws KEY_TEXT, KEY_FILE, USAGE. */
export function keyToStore(options: SecretsExportOptions, provider: string): Promise<KeyToStore> {
  const { keyType: type, fingerprints, vaultAddr } = options
  if (fingerprints && type !== 'gpg') throw usage(`--fingerprints names keys of gpg, and a key of the type ${type} is none of them.`)
  if (fingerprints && options.keyFile !== undefined) throw usage('--fingerprints and --key-file are two places for a key.')
  if (vaultAddr !== undefined && type !== 'vault') throw usage('--vault-addr belongs to a key of the type vault.')
  if (type === 'age') return ageToStore(options, provider)
  return type === 'gpg' ? gpgToStore(options) : vaultToStore(options)
}

async function ageToStore({ keyFile }: SecretsExportOptions, provider: string): Promise<KeyToStore> {
  const { text, from } = (await givenText(keyFile)) ?? (await ownText(provider))
  const checked = await checkedAgeText(text, from)
  return { text: checked.text, shown: checked.identities.map(({ recipient }) => recipient) }
}

async function ownText(provider: string): Promise<{ text: Secret; from: string }> {
  const from = ownIdentityFile()
  if (!canAsk()) throw usage('No key is given.')
  const answer = await askYesNo(`Store the key of ${from} with ${provider}?`, { initial: true })
  if (answer === true) return { text: await fileText(from), from }
  throw new ChaosError('INTERRUPTED', { message: 'Nothing was stored.', hint: 'Name another key with --key-file (-k).' })
}

async function gpgToStore({ fingerprints, keyFile }: SecretsExportOptions): Promise<KeyToStore> {
  const { binary, from } = fingerprints ? { binary: await exported(fingerprints.map(fingerprint)), from: 'What gpg exports' } : await givenArmour(keyFile)
  const inside = await fingerprintsOf(binary)
  if (inside.length === 0) throw wrongKey(from, 'gpg finds no private key in it', 'gpg --list-secret-keys shows which there are.')
  const missing = fingerprints?.map(fingerprint).find((each) => !inside.includes(each))
  if (missing !== undefined) throw wrongKey(from, `the private part of ${missing} is not in it`, 'gpg --list-secret-keys shows which there are.')
  return { text: secret(writeGpgText({ fingerprints: inside, binary })), shown: inside }
}

async function givenArmour(keyFile: string | undefined): Promise<{ binary: Uint8Array; from: string }> {
  const given = await givenText(keyFile)
  if (!given) throw usage('No key is given.', 'Name keys of gpg with --fingerprints (-f), or a file with --key-file (-k).')
  return { binary: readGpgText(revealSecret(given.text), given.from).binary, from: given.from }
}

function fingerprint(word: string): string {
  const text = word.replaceAll(' ', '').toUpperCase()
  if (/^[0-9A-F]{40}$/.test(text)) return text
  throw usage(`${word} is no PGP fingerprint.`, 'A fingerprint has 40 hexadecimal digits: gpg --list-secret-keys')
}

/** gpg may ask for the passphrase of a key. */
async function exported(fingerprints: readonly string[]): Promise<Uint8Array> {
  const { stdout } = await runProgram(['gpg', '--batch', '--export-secret-keys', ...fingerprints], { encoding: 'base64', timeout: 120 })
  return Uint8Array.from(Buffer.from(stdout, 'base64'))
}

async function fingerprintsOf(binary: Uint8Array): Promise<string[]> {
  const { stdout } = await runProgram(['gpg', '--batch', '--with-colons', '--show-keys'], { stdin: binary })
  return [...stdout.matchAll(/^sec:.*\n(?:(?!fpr:|ssb:).*\n)*fpr:+([0-9A-F]{40}):/gm)].map(([, each]) => each as string)
}

async function vaultToStore({ keyFile, vaultAddr }: SecretsExportOptions): Promise<KeyToStore> {
  const { text, from } = (await givenText(keyFile)) ?? { text: await askedToken(), from: 'What was typed' }
  const given = revealSecret(text)
  if (given.includes('Vault Key:')) {
    const { address, token } = readVaultText(given, from)
    return stored(vaultAddr ?? address, token)
  }
  const address = vaultAddr ?? process.env['VAULT_ADDR']
  if (!address) throw usage('The address of the Vault is not given.', 'Name it with --vault-addr (-a), or in VAULT_ADDR.')
  if (!isToken(given.trim())) throw wrongKey(from, 'it is no token of a Vault', 'One begins with hvs.')
  return stored(address, given.trim())
}

function stored(address: string, token: string): KeyToStore {
  return { text: secret(writeVaultText({ address: checkAddress(address), token })), shown: [address] }
}

async function askedToken(): Promise<Secret> {
  if (!canAsk()) throw usage('No key is given.')
  const token = await askSecret('Token of the Vault')
  if (token) return token
  throw new ChaosError('INTERRUPTED', { message: 'The question was not answered.' })
}

function usage(message: string, hint = 'Name a file with --key-file (-k), or pipe the key.'): ChaosError {
  return new ChaosError('USAGE', { message, hint })
}
