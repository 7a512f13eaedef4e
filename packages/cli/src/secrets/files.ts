import path from 'node:path'
import { ChaosError } from '@chaos/core'
import type { Config } from '../config.ts'

/** Options that name the files and the keys, as every command with secrets takes them. */
export interface SecretsFileOptions {
  secretsFile?: string
  sopsFile?: string
  /** Which provider keeps the key that opens it, `NAME.TYPE` or `NAME.TYPE:ITEM`. */
  provider?: string
}

/** The Ch-obolo, whose key `secrets` may name the files too (`sec_file`, `sec_sops`), relative to it. */
export interface Naming {
  readonly file: string
  readonly raw: Readonly<Record<string, unknown>>
}

/** The secrets file: `--secrets-file`, else the config's, else the Ch-obolo's. */
export function secretsFile({ secretsFile: given }: SecretsFileOptions, config: Config, chobolo?: Naming): string {
  const file = given === undefined ? (config.secrets_file ?? named(chobolo, 'sec_file')) : path.resolve(given)
  if (file !== undefined) return file
  throw new ChaosError('SECRETS_FILE_NOT_SET', {
    message: 'No secrets file is named.',
    hint: 'Name it with --secrets-file (-sf), remember it with `chaos set secrets FILE`, or make a first one with `chaos init secrets`.',
  })
}

/** The config of sops: `--sops-file`, else the config's, else the Ch-obolo's. Undefined where none is named. */
export function sopsFile({ sopsFile: given }: SecretsFileOptions, config: Config, chobolo?: Naming): string | undefined {
  return given === undefined ? (config.sops_file ?? named(chobolo, 'sec_sops')) : path.resolve(given)
}

function named(chobolo: Naming | undefined, key: string): string | undefined {
  const section = chobolo?.raw['secrets']
  const value = typeof section === 'object' && section !== null ? (section as Record<string, unknown>)[key] : undefined
  return chobolo && typeof value === 'string' ? path.resolve(path.dirname(chobolo.file), value) : undefined
}
