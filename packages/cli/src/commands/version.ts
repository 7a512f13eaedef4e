import { readFileSync } from 'node:fs'
import path from 'node:path'
import { EXIT } from '../exit-codes.ts'
import { OWN_PACKAGE } from '../own-package.ts'

/** `chaos --version`, and `chaos -u` of the Python tool. */
export async function run({ updatePlugins }: { updatePlugins: boolean }): Promise<number> {
  if (updatePlugins) {
    process.stderr.write('Nothing to update: plugins are found anew each time, there is no cache.\n')
    return EXIT.done
  }
  const { version } = JSON.parse(readFileSync(path.join(OWN_PACKAGE, 'package.json'), 'utf8')) as { version: string }
  process.stdout.write(`${version}\n`)
  return EXIT.done
}
