import { inspectSops, readSopsConfig, sameKey } from '@chaos/sops'
import type { MasterKey } from '@chaos/sops'
import { EXIT } from '../exit-codes.ts'
import type { KeySourceOptions } from './key-source.ts'
import { forRecipients, readSealed, withKeys } from './open.ts'
import { fitsRule } from './recipients.ts'
import { replaceFile } from './write.ts'

/** Encrypts a file for whom the config of sops says. Where somebody goes, the data key is a new one. */
export async function updateFile({ file, sops }: { file: string; sops: string }, options: KeySourceOptions): Promise<number> {
  const rule = readSopsConfig(sops, file)
  const sealed = await readSealed({ file, sops })
  const metadata = inspectSops(sealed.text, { file })
  if (fitsRule(metadata, rule)) {
    process.stderr.write(`${file} is encrypted for those of ${sops} already.\n`)
    return EXIT.done
  }
  const gone = without(metadata.groups.flat(), rule.groups.flat())
  const after = await withKeys(options, (source) => forRecipients(sealed, source, rule, { fresh: gone.length > 0 }))
  await replaceFile(file, sealed.text, after)
  const lines = [
    ...without(rule.groups.flat(), metadata.groups.flat()).map(({ kind, id }) => `+ ${kind} ${id}`),
    ...gone.map(({ kind, id }) => `- ${kind} ${id}`),
    `${file}: encrypted for those of ${sops}.`,
    ...(gone.length === 0 ? [] : ['Who was removed may have an older copy: change the secrets themselves too.']),
  ]
  process.stderr.write(`${lines.join('\n')}\n`)
  return EXIT.done
}

function without(keys: readonly MasterKey[], others: readonly MasterKey[]): MasterKey[] {
  return keys.filter((key) => !others.some((other) => sameKey(key, other)))
}
