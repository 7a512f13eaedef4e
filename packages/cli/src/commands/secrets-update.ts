import type { SecretsFileOptions } from '../secrets/files.ts'
import { sopsOf } from '../secrets/place.ts'
import { updateFile } from '../secrets/update-file.ts'

/** `chaos secrets update` */
export async function run(options: SecretsFileOptions): Promise<number> {
  return updateFile(await sopsOf(options), options)
}
