import { inspectSops, readSopsConfig, rekeySops, rotateSops, sameKey } from '@chaos/sops'
import type { MasterKey } from '@chaos/sops'
import { EXIT } from '../exit-codes.ts'
import { keysFor, readSecretsFile } from './open.ts'
import { fitsRule } from './recipients.ts'
import { replaceFile } from './write.ts'

/** Encrypts a file for whom the config of sops says. Where somebody goes, the data key is a new one. */
export async function updateFile(file: string, sops: string): Promise<number> {
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
