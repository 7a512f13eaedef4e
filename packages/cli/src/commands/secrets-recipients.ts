import { readFile } from 'node:fs/promises'
import { ChaosError } from '@chaos/core'
import { allCreationRules, changeRecipients, checkRecipient, sameKey } from '@chaos/sops'
import type { MasterKey } from '@chaos/sops'
import { EXIT } from '../exit-codes.ts'
import type { RotateOptions, SecretsListOptions } from '../program/options.ts'
import { askYesNo, canAsk } from '../prompt.ts'
import { sopsOf } from '../secrets/place.ts'
import { updateFile } from '../secrets/update-file.ts'
import { replaceFile } from '../secrets/write.ts'

/** `chaos secrets list`, `rotate-add` and `rotate-rm`: who stands in the config of sops. */
export async function run(what: 'list' | 'add' | 'remove', type: string | undefined, keys: readonly string[], options: SecretsListOptions & RotateOptions): Promise<number> {
  const { file, sops } = await sopsOf(options)
  const text = await readConfigOfSops(sops)
  if (what === 'list') return list(text, sops, type, options)
  const kind = type as 'age' | 'pgp'
  for (const key of keys) await checkKey(kind, key)
  const { index, create } = options
  const after = changeRecipients(text, sops, { kind, [what]: keys, ...(index !== undefined && { rule: index }), ...(create && { newGroup: true }) })
  if (after === text) {
    process.stderr.write(`${sops}: ${what === 'add' ? 'they are there already' : 'they are not there'}, and nothing was changed.\n`)
    return EXIT.done
  }
  await replaceFile(sops, text, after)
  process.stderr.write(`${sops}: ${what === 'add' ? 'added' : 'removed'} ${keys.join(', ')}.\n`)
  if (options.update || (canAsk() && (await askYesNo(`Encrypt ${file} for them now?`, { initial: true })))) return updateFile(file, sops)
  process.stderr.write('Next: chaos secrets update\n')
  return EXIT.done
}

function list(text: string, sops: string, type: string | undefined, { json, values }: SecretsListOptions): number {
  const all = allCreationRules(text, sops).flatMap(({ groups }) => groups.flat()).filter(({ kind }) => type === undefined || kind === type)
  const keys = all.filter((key, index) => all.findIndex((other) => sameKey(key, other)) === index).map(({ kind, id }): MasterKey => ({ kind, id }))
  process.stdout.write(json ? `${JSON.stringify(keys, null, 2)}\n` : keys.map(({ kind, id }) => `${values ? '' : `${kind}  `}${id}\n`).join(''))
  return EXIT.done
}

async function readConfigOfSops(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ChaosError('SOPS_CONFIG', { message: `The config of sops ${file} cannot be read: ${error.code ?? 'unknown reason'}.`, hint: 'Name another with --sops-file (-ss) or `chaos set sops FILE`.' })
  })
}

async function checkKey(kind: 'age' | 'pgp', key: string): Promise<void> {
  if (kind === 'age') return checkRecipient(key, 'recipients')
  if (/^[0-9A-Fa-f]{40}$/.test(key)) return
  throw new ChaosError('USAGE', { message: `${key} is no PGP fingerprint.`, hint: 'A fingerprint has 40 hexadecimal digits: gpg --list-keys' })
}
