import { ChaosError } from '@chaos/core'
import { runProgram } from './run-program.ts'

/** Seconds. */
const TIMEOUT = 60

/** A PGP key that is added must be one that gpg can encrypt for; one it does not know is fetched where a keyserver is named. */
export async function needPgpKey(fingerprint: string, keyserver: string | undefined): Promise<void> {
  if (await isKnown(fingerprint)) return
  if (keyserver === undefined) {
    throw new ChaosError('PGP_KEY_UNKNOWN', { message: `gpg does not know the key ${fingerprint}.`, hint: 'Import it (gpg --import FILE), or name where it can be had: --keyserver (-s) hkps://keys.openpgp.org' })
  }
  if (keyserver === '' || keyserver.startsWith('-')) throw new ChaosError('USAGE', { message: `${JSON.stringify(keyserver)} is no keyserver.`, hint: 'It is a URL: hkps://keys.openpgp.org' })
  const { code } = await runProgram(['gpg', '--batch', '--keyserver', keyserver, '--recv-keys', fingerprint], { timeout: TIMEOUT })
  // A keyserver may send a key without a user id, which gpg does not keep, and ends with 0.
  if (await isKnown(fingerprint)) return
  throw new ChaosError('PGP_KEY_UNKNOWN', {
    message: `The key ${fingerprint} was not had from ${keyserver}: gpg ended with ${code}, and does not know it.`,
    hint: `By hand gpg says more: gpg --keyserver ${keyserver} --recv-keys ${fingerprint}`,
  })
}

async function isKnown(fingerprint: string): Promise<boolean> {
  const { code } = await runProgram(['gpg', '--batch', '--list-keys', fingerprint], { timeout: TIMEOUT })
  return code === 0
}
