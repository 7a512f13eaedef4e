import { readFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Secret } from '@chaos/core'
import { secret } from '@chaos/core'
import { failure } from '../failure.ts'
import { unlockIdentities } from './age.ts'

/** What a file of age that is locked with a passphrase begins with. */
const LOCKED = /^(age-encryption\.org\/|\s*-----BEGIN AGE ENCRYPTED FILE-----)/

export interface FindIdentitiesOptions {
  env?: NodeJS.ProcessEnv
  /** This file alone, instead of the usual places. It must be there. */
  file?: string
  /** Asks for the passphrase of a file. Not given: locked files are an error where an age recipient is to be opened. */
  passphrase?: (file: string) => Promise<Secret>
}

/** chaos's own identity file: `keys.txt` in its config folder. */
export function ownIdentityFile(env: NodeJS.ProcessEnv = process.env): string {
  return path.join(env['CHAOS_CONFIG_DIR'] || path.join(configHome(env), 'chaos'), 'keys.txt')
}

/**
 * The user's age identities, all of them: `$SOPS_AGE_KEY`, `$SOPS_AGE_KEY_FILE`, `sops/age/keys.txt` below `$XDG_CONFIG_HOME`,
 * and chaos's own. Throws SOPS_IDENTITY where a file cannot be read; only the usual places need not be there.
 */
export async function findIdentities({ env = process.env, file: only, passphrase }: FindIdentitiesOptions = {}): Promise<Secret[]> {
  const { SOPS_AGE_KEY: text, SOPS_AGE_KEY_FILE: named } = env
  const found: Secret[] = text && only === undefined ? [secret(text)] : []
  const files = only === undefined ? [...(named ? [named] : []), path.join(configHome(env), 'sops/age/keys.txt'), ownIdentityFile(env)] : [only]
  for (const file of new Set(files)) {
    const bytes = await read(file, file === only || file === named)
    if (bytes === undefined) continue
    const head = bytes.subarray(0, 64).toString('latin1')
    const locked = LOCKED.test(head) && passphrase !== undefined
    found.push(locked ? await unlockIdentities(head.startsWith('age-encryption') ? bytes : bytes.toString(), await passphrase(file)) : secret(bytes.toString()))
  }
  return found
}

async function read(file: string, needed: boolean): Promise<Buffer | undefined> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && !needed) return undefined
    throw failure('SOPS_IDENTITY', file, { message: `this age identity file cannot be read (${error.code ?? 'unknown reason'}).`, hint: 'Look at who may read it, and at SOPS_AGE_KEY_FILE.' })
  })
}

function configHome(env: NodeJS.ProcessEnv): string {
  return env['XDG_CONFIG_HOME'] || path.join(os.homedir(), '.config')
}
