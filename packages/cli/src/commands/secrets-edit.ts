import { ChaosError, isChaosError, revealSecret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { EXIT } from '../exit-codes.ts'
import type { SecretsEditOptions } from '../program/options.ts'
import { askYesNo, canAsk } from '../prompt.ts'
import { runEditor } from '../secrets/editor.ts'
import { openForChange, readSealed, withKeys } from '../secrets/open.ts'
import type { OpenForChange, Sealed } from '../secrets/open.ts'
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
  const sealed = await readSealed(await placeOf(options))
  return withKeys(options, async (source) => edit(sealed, await openForChange(sealed, source, { allowDisk: options.allowDisk === true }), options))
}

async function edit({ file, text }: Sealed, open: OpenForChange, { allowDisk }: SecretsEditOptions): Promise<number> {
  const clear = await privateFile(file, { allowDisk: allowDisk === true })
  try {
    await clear.write(open.text)
    const after = await edited(clear.path, clear.read, (plain) => open.seal(notEmptied(plain, open.text)))
    if (after !== text) await replaceFile(file, text, after)
    process.stderr.write(after === text ? 'Nothing was changed.\n' : `${file}: encrypted again and written.\n`)
    return EXIT.done
  } finally {
    await clear.remove()
  }
}

/** A mistake in what was written need not cost the work: whoever is there may go on where they were. */
async function edited(path: string, read: () => Promise<Secret>, seal: OpenForChange['seal']): Promise<string> {
  for (;;) {
    await runEditor(path, { keepsNothing: true })
    try {
      return await seal(await read())
    } catch (error) {
      if (!isChaosError(error) || !canAsk()) throw error
      showError(error, { json: false })
      if ((await askYesNo('Edit it again?', { initial: true })) !== true) throw error
    }
  }
}

/** An editor that found no room, or was ended in the middle, may leave nothing: that is not what somebody wants who edits. */
function notEmptied(plain: Secret, before: Secret): Secret {
  if (revealSecret(plain).trim() !== '' || revealSecret(before).trim() === '') return plain
  throw new ChaosError('SECRETS_EDITOR', { message: 'The editor left an empty file. The secrets are as they were.', hint: 'To take all of them out, leave a comment in their place.' })
}
