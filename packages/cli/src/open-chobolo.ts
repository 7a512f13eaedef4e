import { readChobolo } from '@chaos/chobolo'
import type { Chobolo } from '@chaos/chobolo'
import type { Plugins } from '@chaos/discovery'
import type { Redactor } from '@chaos/engine'
import type { Config } from './config.ts'
import { pluginsOf } from './plugins.ts'
import { providerContext } from './provider-context.ts'
import { makeSecretReader } from './secret-reader.ts'
import type { SecretsFileOptions } from './secrets/files.ts'
import { makeRunSecrets } from './secrets/run-secrets.ts'
import type { RunSecrets } from './secrets/run-secrets.ts'
import { tellWithout } from './show-error.ts'

export interface Opened<C> {
  readonly chobolo: C
  readonly plugins: Plugins
  /** Knows every secret that the Ch-obolo reads. */
  readonly redactor: Redactor
  /** The secrets file, which `${secret:sops:KEY}` of the Ch-obolo reads too. */
  readonly secrets: RunSecrets
}

/** Reads a Ch-obolo and finds its plugins; its secrets are read by their providers when a value that holds them is used. */
export async function openChobolo(file: string, config: Config, options?: SecretsFileOptions): Promise<Opened<Chobolo>>
export async function openChobolo(file: string | undefined, config: Config): Promise<Opened<Chobolo | undefined>>
export async function openChobolo(file: string | undefined, config: Config, options: SecretsFileOptions = {}): Promise<Opened<Chobolo | undefined>> {
  const finding = pluginsOf(file)
  const redactor = import('@chaos/engine').then(({ createRedactor }) => tellWithout(createRedactor()))
  const secrets = makeRunSecrets({ options, config, plugins: finding, redactor, naming: async () => (file === undefined ? undefined : { file, raw: (await reading)?.raw ?? {} }) })
  const secret = makeSecretReader({ plugins: finding, config, redactor, secrets, context: () => providerContext(redactor) })
  const reading = file === undefined ? Promise.resolve(undefined) : readChobolo(file, { secret })
  const [chobolo, plugins] = await Promise.all([reading, finding])
  return { chobolo, plugins, redactor: await redactor, secrets }
}
