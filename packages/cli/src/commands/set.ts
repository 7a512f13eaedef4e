import { existsSync } from 'node:fs'
import path from 'node:path'
import { ChaosError } from '@chaos/core'
import { configFile, setConfig } from '../config.ts'
import type { FileKey } from '../config.ts'
import { EXIT } from '../exit-codes.ts'

const MISSING: Readonly<Record<FileKey, { code: string; command: string }>> = {
  chobolo_file: { code: 'CHOBOLO_NOT_FOUND', command: 'chaos init chobolo' },
  secrets_file: { code: 'SECRETS_FILE', command: 'chaos init secrets' },
  sops_file: { code: 'SOPS_CONFIG', command: 'chaos init secrets' },
}

/** `chaos set chobolo|secrets|sops FILE` */
export async function run(key: FileKey, given: string): Promise<number> {
  const file = path.resolve(given)
  const { code, command } = MISSING[key]
  if (!existsSync(file)) throw new ChaosError(code, { message: `There is no file ${file}.`, hint: `Write it first: ${command}` })
  await setConfig([key], file)
  process.stderr.write(`${configFile()}: ${key} is now ${file}\n`)
  return EXIT.done
}
