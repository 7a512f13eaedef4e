import { ChaosError } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { findIdentities } from '@chaos/sops'
import { askSecret, canAsk } from '../prompt.ts'

/** The user's age identities. A file that is locked with a passphrase is asked for it where somebody is there to answer. */
export function ageIdentities(): Promise<Secret[]> {
  return findIdentities(canAsk() ? { passphrase } : {})
}

async function passphrase(file: string): Promise<Secret> {
  const answer = await askSecret(`Passphrase of ${file}`)
  if (answer) return answer
  throw new ChaosError('INTERRUPTED', { message: 'The question was not answered.' })
}
