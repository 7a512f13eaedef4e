import { buffer } from 'node:stream/consumers'
import { ChaosError, secret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { EXIT } from '../exit-codes.ts'
import { askSecret, canAsk } from '../prompt.ts'
import { keyPath } from '../secrets/key-path.ts'
import type { SecretsFileOptions } from '../secrets/files.ts'
import { openForChange, readSealed, withKeys } from '../secrets/open.ts'
import { placeOf } from '../secrets/place.ts'
import { replaceFile } from '../secrets/write.ts'

/** `chaos secrets set KEY`: the value comes over stdin or from a question, never as an argument. */
export async function run(key: string, options: SecretsFileOptions): Promise<number> {
  const path = keyPath(key)
  const sealed = await readSealed(await placeOf(options))
  const { file, text } = sealed
  // First what may fail, then the question.
  const after = await withKeys(options, async (source) => (await openForChange(sealed, source)).set(path, await valueFor(key)))
  await replaceFile(file, text, after)
  process.stderr.write(after === text ? `${key} is that already.\n` : `${file}: ${key} is set.\n`)
  return EXIT.done
}

async function valueFor(key: string): Promise<Secret> {
  if (!process.stdin.isTTY) return fromStdin()
  if (!canAsk()) throw new ChaosError('NO_TERMINAL', { message: `The value of ${key} cannot be asked for.`, hint: `Pipe it: chaos secrets set ${key} < FILE` })
  const value = await askSecret(`Value of ${key}`)
  if (!value) throw new ChaosError('INTERRUPTED', { message: 'The question was not answered.' })
  return value
}

/** Without the line end that `echo` adds. */
async function fromStdin(): Promise<Secret> {
  const bytes = await buffer(process.stdin)
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).replace(/\r?\n$/, '')
    if (text !== '') return secret(text)
  } catch {
    throw new ChaosError('USAGE', { message: 'What stands on stdin is no text in UTF-8.', hint: 'Bytes are kept in base64: base64 FILE | chaos secrets set KEY' })
  }
  throw new ChaosError('USAGE', { message: 'Nothing stands on stdin.', hint: 'Pipe the value: printf %s VALUE is seen by others, a file or a password manager is not. An empty value is written with `chaos secrets edit`.' })
}
