import { revealSecret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { sameKey } from '@chaos/sops'
import type { KeyGroup, MasterKey } from '@chaos/sops'
import { ageIdentities } from '../identities.ts'
import type { KeySource } from '../key-source.ts'
import { runProgram } from '../run-program.ts'
import { readAgeText } from './age-text.ts'
import { openGpgHome } from './gpg-home.ts'
import { identityFile } from './identity-file.ts'
import { readKey, surroundings } from './read-key.ts'
import type { Surroundings } from './read-key.ts'
import { keyReference } from './reference.ts'
import { readVaultText } from './vault-text.ts'

/** The key that a provider keeps, beside those the user has. Read now, and put in its place when it is used. Throws KEY_REFERENCE, KEY_TEXT, and what the provider throws. */
export async function fetchKey(word: string, given: Partial<Surroundings>): Promise<() => Promise<KeySource>> {
  const around = await surroundings(given)
  const reference = keyReference(word, around.config)
  const { text, from } = await readKey(reference, around)
  return () => ({ age: ofAge, gpg: ofGpg, vault: ofVault })[reference.type](text, from)
}

async function ofVault(text: Secret, from: string): Promise<KeySource> {
  const { address, token } = readVaultText(revealSecret(text), from)
  return {
    keys: { run: runProgram, identities: ageIdentities },
    env: { VAULT_ADDR: address, VAULT_TOKEN: token },
    end: async () => undefined,
  }
}

async function ofAge(text: Secret, from: string): Promise<KeySource> {
  const opens = (await readAgeText(text, from)).map(({ recipient }) => ({ kind: 'age', id: recipient }))
  const file = identityFile(text)
  return {
    keys: { run: runProgram, identities: async (groups) => [text, ...(await ownIdentities(groups, opens))] },
    get env() {
      return { SOPS_AGE_KEY_FILE: file.path() }
    },
    end: async () => file.remove(),
  }
}

async function ofGpg(text: Secret, from: string): Promise<KeySource> {
  const { path, run, fingerprints, remove } = await openGpgHome(revealSecret(text), from)
  const opens = fingerprints.map((id) => ({ kind: 'pgp', id }))
  return {
    keys: { run, identities: (groups) => ownIdentities(groups, opens) },
    env: { GNUPGHOME: path },
    end: async () => remove(),
  }
}

/** The user's own, where the file takes more than the key of the provider: nobody is asked for a passphrase that is not needed. */
async function ownIdentities(groups: readonly KeyGroup[], opens: readonly MasterKey[]): Promise<Secret[]> {
  const [group = []] = groups
  return groups.length === 1 && group.some((key) => opens.some((other) => sameKey(key, other))) ? [] : ageIdentities()
}
