import { readFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { ChaosError, secret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { configDirectory } from '../config.ts'
import { askSecret, canAsk } from '../prompt.ts'

/** What a file of age that is locked with a passphrase begins with. */
const LOCKED = /^(age-encryption\.org\/|\s*-----BEGIN AGE ENCRYPTED FILE-----)/

/** Where chaos keeps an age identity of its own. */
export function ownKeyFile(env: NodeJS.ProcessEnv = process.env): string {
  return path.join(configDirectory(env), 'keys.txt')
}

/**
 * The user's age identities, all of them: `$SOPS_AGE_KEY`, `$SOPS_AGE_KEY_FILE`, `sops/age/keys.txt` below `$XDG_CONFIG_HOME`,
 * and chaos's own `keys.txt`. A file that is locked with a passphrase is asked for it where somebody is there to answer.
 */
export async function ageIdentities(env: NodeJS.ProcessEnv = process.env): Promise<Secret[]> {
  const { SOPS_AGE_KEY: text, SOPS_AGE_KEY_FILE: named } = env
  const common = [path.join(env['XDG_CONFIG_HOME'] || path.join(os.homedir(), '.config'), 'sops/age/keys.txt'), ownKeyFile(env)]
  const found: Secret[] = text ? [secret(text)] : []
  for (const file of new Set([...(named ? [named] : []), ...common])) {
    const identity = await readIdentity(file, file === named)
    if (identity) found.push(identity)
  }
  return found
}

async function readIdentity(file: string, needed: boolean): Promise<Secret | undefined> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    // The common places need not be there; one that was named must be.
    if (error.code === 'ENOENT' && !needed) return undefined
    throw new ChaosError('SECRETS_KEY_FILE', { message: `The age key file ${file} cannot be read: ${error.code ?? 'unknown reason'}.`, hint: needed ? 'Look at SOPS_AGE_KEY_FILE.' : 'Look at who may read it.' })
  })
  if (bytes === undefined) return undefined
  if (!LOCKED.test(bytes.subarray(0, 64).toString('latin1')) || !canAsk()) return secret(bytes.toString())
  const passphrase = await askSecret(`Passphrase of ${file}`)
  if (!passphrase) throw new ChaosError('INTERRUPTED', { message: 'The question was not answered.' })
  const { unlockIdentities } = await import('@chaos/sops')
  return unlockIdentities(bytes.toString('latin1').startsWith('age-encryption') ? bytes : bytes.toString(), passphrase)
}
