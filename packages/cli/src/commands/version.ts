import { EXIT } from '../exit-codes.ts'
import { ownVersion } from '../own-package.ts'

/** `chaos --version`, and `chaos -u` of the Python tool. */
export async function run({ updatePlugins }: { updatePlugins: boolean }): Promise<number> {
  if (updatePlugins) {
    process.stderr.write('Nothing to update: plugins are found anew each time, there is no cache.\n')
    return EXIT.done
  }
  process.stdout.write(`${ownVersion()}\n`)
  return EXIT.done
}
