import { readFile } from 'node:fs/promises'
import { ChaosError, isChaosError } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { decryptSops, editing, rekeySops, rotateSops, setValue } from '@chaos/sops'
import type { CreationRule, Decrypted, FileOptions, Keys, SopsPath } from '@chaos/sops'
import { openKeySource } from './key-source.ts'
import type { KeySource, KeySourceOptions } from './key-source.ts'
import type { SopsBinary } from './sops-binary.ts'

/** A secrets file, as it was read. */
export interface Sealed {
  readonly file: string
  readonly text: string
  /** The config of sops, where one is known. */
  readonly sops: string | undefined
}

/** A secrets file that is open for a change. What it gives is the text of the changed file, which is written nowhere yet. */
export interface OpenForChange {
  readonly text: Secret
  seal(plain: Secret): Promise<string>
  set(path: SopsPath, value: Secret): Promise<string>
}

export async function readSealed({ file, sops }: { file: string; sops: string | undefined }): Promise<Sealed> {
  return { file, sops, text: await readSecretsFile(file) }
}

/** The text of a secrets file, which is encrypted. */
export async function readSecretsFile(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new ChaosError('SECRETS_FILE', {
      message: `The secrets file ${file} cannot be read: ${error.code === 'ENOENT' ? 'it is not there' : (error.code ?? 'unknown reason')}.`,
      hint: 'Name another with --secrets-file (-sf) or `chaos set secrets FILE`, or make a first one with `chaos init secrets`.',
    })
  })
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // What stands there otherwise, in a comment say, would be lost with the next change.
    throw new ChaosError('SECRETS_FILE', { message: `The secrets file ${file} is no text in UTF-8.`, hint: 'Convert it: iconv -f latin1 -t utf-8' })
  }
}

/** Gives the keys of a command to what needs them, and takes them away whatever happens. */
export async function withKeys<T>(options: KeySourceOptions, use: (source: KeySource) => Promise<T>): Promise<T> {
  const source = await openKeySource(options)
  try {
    return await use(source)
  } finally {
    await source.end()
  }
}

export function decryptSecrets(sealed: Sealed, source: KeySource): Promise<Decrypted> {
  return opened(sealed, source, (keys) => decryptSops(sealed.text, keys), (sops) => sops.decrypt(sealed))
}

export function openForChange(sealed: Sealed, source: KeySource, { allowDisk = false } = {}): Promise<OpenForChange> {
  const { file, text } = sealed
  return opened(
    sealed,
    source,
    async (keys) => {
      const open = await editing(text, keys)
      return { text: open.text, seal: async (plain) => open.seal(plain), set: async (path, value) => open.seal(setValue(open.text, path, value, { file })) }
    },
    (sops) => sops.openForChange(sealed, { allowDisk }),
  )
}

/** The file for those whom a rule names; `fresh`: with a new data key. */
export function forRecipients(sealed: Sealed, source: KeySource, { groups, threshold }: CreationRule, { fresh }: { fresh: boolean }): Promise<string> {
  const recipients = { groups, ...(threshold !== undefined && { threshold }) }
  return opened(
    sealed,
    source,
    (keys) => (fresh ? rotateSops(sealed.text, { ...keys, ...recipients }) : rekeySops(sealed.text, recipients, keys)),
    (sops) => sops.forRecipients(sealed, { recipients, fresh }),
  )
}

/** In process; by the sops binary only where a kind of key is needed that is not known here. */
async function opened<T>({ file }: Sealed, source: KeySource, here: (keys: Keys & FileOptions) => Promise<T>, there: (sops: SopsBinary) => Promise<T>): Promise<T> {
  try {
    return await here({ file, ...source.keys })
  } catch (refusal) {
    if (!isChaosError(refusal) || refusal.code !== 'SOPS_KEY_KIND') throw refusal
    const { sopsBinary } = await import('./sops-binary.ts')
    return there(sopsBinary(source.env)).catch((error: unknown) => {
      // The refusal names the kinds of keys, and says what to install.
      throw isChaosError(error) && error.code === 'PROGRAM_MISSING' ? refusal : error
    })
  }
}
