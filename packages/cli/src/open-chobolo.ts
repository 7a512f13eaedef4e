import { readChobolo } from '@chaos/chobolo'
import type { Chobolo } from '@chaos/chobolo'
import type { Plugins } from '@chaos/discovery'
import type { Redactor } from '@chaos/engine'
import type { Config } from './config.ts'
import { pluginsOf } from './plugins.ts'
import { providerContext } from './provider-context.ts'
import { makeSecretReader } from './secret-reader.ts'
import { tellWithout } from './show-error.ts'

export interface Opened<C> {
  readonly chobolo: C
  readonly plugins: Plugins
  /** Knows every secret that the Ch-obolo reads. */
  readonly redactor: Redactor
}

/** Reads a Ch-obolo and finds its plugins; its secrets are read by their providers when a value that holds them is used. */
export async function openChobolo(file: string, config: Config): Promise<Opened<Chobolo>>
export async function openChobolo(file: string | undefined, config: Config): Promise<Opened<Chobolo | undefined>>
export async function openChobolo(file: string | undefined, config: Config): Promise<Opened<Chobolo | undefined>> {
  const finding = pluginsOf(file)
  const redactor = import('@chaos/engine').then(({ createRedactor }) => tellWithout(createRedactor()))
  const secret = makeSecretReader({ plugins: finding, config, redactor, context: () => providerContext(redactor) })
  const [chobolo, plugins] = await Promise.all([file === undefined ? undefined : readChobolo(file, { secret }), finding])
  return { chobolo, plugins, redactor: await redactor }
}
