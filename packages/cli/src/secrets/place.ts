import { readFile } from 'node:fs/promises'
import { ChaosError } from '@chaos/core'
import { findSopsConfig } from '@chaos/sops'
import { choboloFile } from '../chobolo-file.ts'
import { readConfig } from '../config.ts'
import { secretsFile, sopsFile } from './files.ts'
import type { Naming, SecretsFileOptions } from './files.ts'

export interface Place {
  /** The secrets file. */
  readonly file: string
  /** The config of sops: the one that is named, else the `.sops.yaml` nearest to the file. */
  readonly sops: string | undefined
}

/** Which files a command of `chaos secrets` is about. */
export async function placeOf(options: SecretsFileOptions): Promise<Place> {
  const config = await readConfig()
  const settled = (options.secretsFile ?? config.secrets_file) !== undefined && (options.sopsFile ?? config.sops_file) !== undefined
  const chobolo = settled ? undefined : await namingOf(choboloFile(undefined, config))
  const file = secretsFile(options, config, chobolo)
  return { file, sops: sopsFile(options, config, chobolo) ?? findSopsConfig(file) }
}

export async function sopsOf(options: SecretsFileOptions): Promise<Place & { sops: string }> {
  const { file, sops } = await placeOf(options)
  if (sops !== undefined) return { file, sops }
  throw new ChaosError('SOPS_CONFIG', { message: 'No config of sops is named, which says for whom secrets are encrypted.', hint: 'Name it with --sops-file (-ss), remember it with `chaos set sops FILE`, or make one with `chaos init secrets`.' })
}

/** The text of a config of sops. */
export async function readConfigOfSops(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ChaosError('SOPS_CONFIG', { message: `The config of sops ${file} cannot be read: ${error.code ?? 'unknown reason'}.`, hint: 'Name another with --sops-file (-ss) or `chaos set sops FILE`.' })
  })
}

async function namingOf(file: string | undefined): Promise<Naming | undefined> {
  if (file === undefined) return undefined
  const [{ readChobolo }, { secret }] = await Promise.all([import('@chaos/chobolo'), import('@chaos/core')])
  return { file, raw: (await readChobolo(file, { secret: async () => secret('') })).raw }
}
