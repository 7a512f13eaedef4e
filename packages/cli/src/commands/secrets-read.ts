import { plainYaml, printYaml } from '@chaos/chobolo'
import { ChaosError, revealSecret } from '@chaos/core'
import { valueAt } from '@chaos/sops'
import { EXIT } from '../exit-codes.ts'
import type { SecretsReadOptions } from '../program/options.ts'
import { keyPath } from '../secrets/key-path.ts'
import { missingKey } from '../secrets/one-key.ts'
import { decryptSecrets, readSealed, withKeys } from '../secrets/open.ts'
import { placeOf, readConfigOfSops, sopsOf } from '../secrets/place.ts'

interface Content {
  readonly file: string
  readonly text: () => string
  readonly tree: () => unknown
}

/** `chaos secrets print`, and `cat KEY…`: shown because it is asked for, on stdout and nowhere else. With `--sops` the config of sops, which is no secret. */
export async function run(what: 'print' | 'cat', keys: readonly string[], options: SecretsReadOptions): Promise<number> {
  const paths = keys.map((key) => ({ key, path: keyPath(key) }))
  const { file, text, tree } = await (options.sops ? configOfSops(options) : decrypted(options))
  if (what === 'print') {
    process.stdout.write(options.json ? `${jsonOf(tree(), 2)}\n` : text())
    return EXIT.done
  }
  const whole = tree()
  const found = paths.map(({ key, path }) => {
    const value = valueAt(whole, path)
    if (value === undefined) throw missingKey(key, file, options.sops ? '`chaos secrets print --sops` shows what there is.' : undefined)
    return { key, value }
  })
  for (const { key, value } of found) process.stdout.write(await shown(key, value, options))
  return EXIT.done
}

async function decrypted(options: SecretsReadOptions): Promise<Content> {
  const sealed = await readSealed(await placeOf(options))
  const opened = await withKeys(options, (source) => decryptSecrets(sealed, source))
  return { file: sealed.file, text: () => revealSecret(opened.text), tree: opened.plain }
}

async function configOfSops(options: SecretsReadOptions): Promise<Content> {
  const { sops: file } = await sopsOf(options)
  const text = await readConfigOfSops(file)
  const { value, mistake, position } = await plainYaml(text)
  if (mistake) throw new ChaosError('SOPS_CONFIG', { message: `The config of sops ${file} cannot be read: ${mistake.message}.`, hint: 'Correct it: chaos secrets edit --sops', position: { file, ...position([]) } })
  return { file, text: () => text, tree: () => value }
}

async function shown(key: string, value: unknown, { json, values }: SecretsReadOptions): Promise<string> {
  if (json) return `${jsonOf({ [key]: value })}\n`
  if (!values) return printYaml({ [key]: value })
  return typeof value === 'object' && value !== null ? printYaml(value) : `${String(value)}\n`
}

/** Whole numbers that JSON's readers may round are texts in it. */
function jsonOf(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each), indent)
}
