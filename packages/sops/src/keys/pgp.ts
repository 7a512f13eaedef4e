import { Buffer } from 'node:buffer'
import type { PluginContext } from '@chaos/core'
import { failure } from '../failure.ts'

/** Runs a program, as `PluginContext.run` of core does. This package starts none itself. */
export type Run = PluginContext['run']

/** Seconds: somebody may have to type a passphrase. */
const TIMEOUT = 120

/** The data key for a PGP key that gpg knows. The fingerprint is public; the data key goes over stdin. Throws SOPS_GPG. */
export async function encryptWithPgp(bytes: Uint8Array, fingerprint: string, run: Run, file: string): Promise<string> {
  const name = fingerprint.replaceAll(' ', '')
  if (!/^[0-9A-Fa-f]{16,64}$/.test(name)) {
    throw failure('SOPS_GPG', file, { message: `${fingerprint} is no PGP fingerprint.`, hint: 'A fingerprint has 40 hexadecimal digits: gpg --list-keys', details: { fingerprint } })
  }
  // The trusted key is named by its long id, which is the end of a fingerprint; else gpg asks whether it is really theirs.
  const argv = ['gpg', '--batch', '--no-default-recipient', '--yes', '--encrypt', '--armor', '--recipient', name, '--trusted-key', name.slice(-16), '--no-encrypt-to']
  const { code, stdout, stderr } = await run(argv, { stdin: bytes, timeout: TIMEOUT })
  if (code !== 0 || !stdout.includes('-----BEGIN PGP MESSAGE-----')) {
    throw failure('SOPS_GPG', file, { message: `gpg does not encrypt for ${name}.`, hint: `Import the public key: gpg --recv-keys ${name}`, details: { fingerprint: name, code, stderr: stderr.trim() } })
  }
  return stdout.trim()
}

/** The data key, or what gpg says instead of giving it. */
export async function decryptWithPgp(encrypted: string, run: Run): Promise<Uint8Array | { code: number; stderr: string }> {
  const { code, stdout, stderr } = await run(['gpg', '--batch', '--quiet', '--decrypt'], { stdin: encrypted, timeout: TIMEOUT, encoding: 'base64' })
  return code === 0 ? Uint8Array.from(Buffer.from(stdout, 'base64')) : { code, stderr: stderr.trim() }
}
