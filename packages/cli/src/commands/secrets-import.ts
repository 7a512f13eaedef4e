import path from 'node:path'
import { ChaosError, quote, revealSecret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { EXIT } from '../exit-codes.ts'
import type { SecretsImportOptions } from '../program/options.ts'
import { readAgeText } from '../secrets/keys/age-text.ts'
import { checkImported, importKeys } from '../secrets/keys/gpg-home.ts'
import { readGpgText } from '../secrets/keys/gpg-text.ts'
import { keepKey } from '../secrets/keys/keep.ts'
import { mayBeImported } from '../secrets/keys/key-type.ts'
import { readKey, surroundings } from '../secrets/keys/read-key.ts'
import { readVaultText } from '../secrets/keys/vault-text.ts'
import { runProgram } from '../secrets/run-program.ts'

/** Where keys are put that are files. */
const FILES = { age: 'keys.txt', vault: 'vault_key.txt' } as const

/** `chaos secrets import PROVIDER`: keeps a key of a provider here. */
export async function run(provider: string, options: SecretsImportOptions): Promise<number> {
  const { keyType: type, itemId: item, output, yes = false } = options
  if (type === 'gpg' && output !== undefined) throw new ChaosError('USAGE', { message: 'A key of the type gpg goes into the keyring of gpg, and into no file.', hint: 'Leave --output out.' })
  const { text, from } = await readKey({ provider, type, item }, await surroundings())
  if (!mayBeImported(revealSecret(text))) {
    throw new ChaosError('KEY_NO_IMPORT', { message: `${from} is not to be kept elsewhere: a line in it says NO-IMPORT.`, hint: `It opens secrets all the same: -p ${quote(`${provider}.${type}:${item}`)}` })
  }
  if (type === 'gpg') return intoKeyring(revealSecret(text), from)
  const shown = await partsOf(type, text, from)
  const file = path.resolve(output ?? FILES[type])
  if (!(await keepKey(file, text, { yes }))) return EXIT.failed
  process.stderr.write(`Written: ${file} (${shown.map(([open, hidden]) => `${begin(open, 10)} ${begin(hidden, 3)}`).join(', ')})\n`)
  return EXIT.done
}

/** Public and secret part of each key. */
async function partsOf(type: 'age' | 'vault', text: Secret, from: string): Promise<[string, string][]> {
  if (type === 'age') return (await readAgeText(text, from)).map(({ recipient, text: identity }) => [recipient, identity])
  const { address, token } = readVaultText(revealSecret(text), from)
  return [[address, token]]
}

async function intoKeyring(text: string, from: string): Promise<number> {
  const { binary, fingerprints } = readGpgText(text, from)
  const imported = await importKeys(binary, { run: runProgram })
  checkImported(imported, fingerprints, from)
  process.stderr.write(`In the keyring of gpg: ${imported.map((each) => begin(each, 10)).join(', ')}\n`)
  return EXIT.done
}

function begin(text: string, length: number): string {
  return `${text.slice(0, length)}…`
}
