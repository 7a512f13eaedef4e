import { inspectSops, readSopsConfig, rekeySops, rotateSops, sameKey } from '@chaos/sops'
import type { MasterKey } from '@chaos/sops'
import { EXIT } from '../exit-codes.ts'
import type { SecretsFileOptions } from '../secrets/files.ts'
import { keysFor, readSecretsFile } from '../secrets/open.ts'
import { sopsOf } from '../secrets/place.ts'
import { fitsRule } from '../secrets/recipients.ts'
import { replaceFile } from '../secrets/write.ts'

/** `chaos secrets update`: encrypts the file for whom the config of sops says. Where somebody goes, the data key is a new one. */
export async function run(options: SecretsFileOptions): Promise<number> {
  const { file, sops } = await sopsOf(options)
  return update(file, sops)
}

export async function update(file: string, sops: string): Promise<number> {
  const rule = readSopsConfig(sops, file)
  const text = await readSecretsFile(file)
  const metadata = inspectSops(text, { file })
  if (fitsRule(metadata, rule)) {
    process.stderr.write(`${file} is encrypted for those of ${sops} already.\n`)
    return EXIT.done
  }
  const gone = without(metadata.groups.flat(), rule.groups.flat())
  const keys = { file, ...(await keysFor(text, file)) }
  const recipients = { groups: rule.groups, ...(rule.threshold !== undefined && { threshold: rule.threshold }) }
  await replaceFile(file, text, gone.length === 0 ? await rekeySops(text, recipients, keys) : await rotateSops(text, { ...keys, ...recipients }))
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
