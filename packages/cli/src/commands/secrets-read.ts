import { printYaml } from '@chaos/chobolo'
import { ChaosError, revealSecret } from '@chaos/core'
import { decryptSops, valueAt } from '@chaos/sops'
import { EXIT } from '../exit-codes.ts'
import type { SecretsReadOptions } from '../program/options.ts'
import { keyPath } from '../secrets/key-path.ts'
import { keysFor, readSecretsFile } from '../secrets/open.ts'
import { placeOf } from '../secrets/place.ts'

/** `chaos secrets print`, and `cat KEY…`: shown because it is asked for, on stdout and nowhere else. */
export async function run(what: 'print' | 'cat', keys: readonly string[], options: SecretsReadOptions): Promise<number> {
  const paths = keys.map((key) => ({ key, path: keyPath(key) }))
  const { file } = await placeOf(options)
  const text = await readSecretsFile(file)
  const opened = await decryptSops(text, { file, ...(await keysFor(text, file)) })
  if (what === 'print') {
    process.stdout.write(options.json ? `${jsonOf(opened.plain(), 2)}\n` : revealSecret(opened.text))
    return EXIT.done
  }
  const tree = opened.plain()
  const found = paths.map(({ key, path }) => {
    const value = valueAt(tree, path)
    if (value === undefined) throw new ChaosError('SECRETS_KEY_MISSING', { message: `${file} has no ${key}.`, hint: '`chaos check secrets` lists what there is.' })
    return { key, value }
  })
  for (const { key, value } of found) process.stdout.write(await shown(key, value, options))
  return EXIT.done
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
