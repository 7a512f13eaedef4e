import { EXIT } from '../exit-codes.ts'
import { askYesNo, canAsk } from '../prompt.ts'
import type { SecretsFileOptions } from './files.ts'
import { readConfigOfSops } from './place.ts'
import { updateFile } from './update-file.ts'
import { replaceFile } from './write.ts'

export interface ConfigChange {
  readonly change: (text: string) => string
  /** Why nothing changes, where it does not. */
  readonly same: string
  readonly done: string
}

/** Changes the config of sops, and then, with `--update` or a yes, for whom the secrets file is encrypted. */
export async function changeConfig(place: { file: string; sops: string }, options: SecretsFileOptions & { update?: boolean }, { change, same, done }: ConfigChange): Promise<number> {
  const { file, sops } = place
  const text = await readConfigOfSops(sops)
  const after = change(text)
  if (after === text) {
    process.stderr.write(`${sops}: ${same}, and nothing was changed.\n`)
    return EXIT.done
  }
  await replaceFile(sops, text, after)
  process.stderr.write(`${sops}: ${done}.\n`)
  if (options.update || (canAsk() && (await askYesNo(`Encrypt ${file} for them now?`, { initial: true })))) return updateFile(place, options)
  process.stderr.write('Next: chaos secrets update\n')
  return EXIT.done
}
