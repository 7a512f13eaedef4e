import { EXIT } from '../exit-codes.ts'
import type { CheckOptions } from '../program/options.ts'
import { keysOfSecrets } from '../secrets/key-list.ts'
import { readSecretsFile } from '../secrets/open.ts'
import { placeOf } from '../secrets/place.ts'

/** `chaos check secrets`: the keys of the secrets file. Nothing is decrypted. */
export async function checkSecrets({ secretsFile, json }: CheckOptions): Promise<number> {
  const { file } = await placeOf(secretsFile === undefined ? {} : { secretsFile })
  const keys = await keysOfSecrets(await readSecretsFile(file), file)
  process.stdout.write(json ? `${JSON.stringify(keys, null, 2)}\n` : keys.map((key) => `${key}\n`).join(''))
  return EXIT.done
}
