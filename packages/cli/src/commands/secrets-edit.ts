import { isChaosError } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { editing } from '@chaos/sops'
import { EXIT } from '../exit-codes.ts'
import type { SecretsEditOptions } from '../program/options.ts'
import { askYesNo, canAsk } from '../prompt.ts'
import { runEditor } from '../secrets/editor.ts'
import { keysFor, readSecretsFile } from '../secrets/open.ts'
import { placeOf, sopsOf } from '../secrets/place.ts'
import { privateFile } from '../secrets/private-file.ts'
import { replaceFile } from '../secrets/write.ts'
import { showError } from '../show-error.ts'

/** `chaos secrets edit`: in clear only in memory, and encrypted again before anything is written. With `--sops` the config of sops, which is no secret. */
export async function run(options: SecretsEditOptions): Promise<number> {
  if (options.sops) {
    await runEditor((await sopsOf(options)).sops)
    return EXIT.done
  }
  const { file } = await placeOf(options)
  const text = await readSecretsFile(file)
  const open = await editing(text, { file, ...(await keysFor(text, file)) })
  const clear = await privateFile(file, { allowDisk: options.allowDisk === true })
  try {
    await clear.write(open.text)
    const after = await edited(clear.path, clear.read, open.seal)
    if (after !== text) await replaceFile(file, text, after)
    process.stderr.write(after === text ? 'Nothing was changed.\n' : `${file}: encrypted again and written.\n`)
    return EXIT.done
  } finally {
    await clear.remove()
  }
}

/** A mistake in what was written need not cost the work: whoever is there may go on where they were. */
async function edited(path: string, read: () => Promise<Secret>, seal: (plain: Secret) => string): Promise<string> {
  for (;;) {
    await runEditor(path)
    try {
      return seal(await read())
    } catch (error) {
      if (!isChaosError(error) || !canAsk()) throw error
      showError(error, { json: false })
      if ((await askYesNo('Edit it again?', { initial: true })) !== true) throw error
    }
  }
}
