import { existsSync } from 'node:fs'
import path from 'node:path'
import { ChaosError } from '@chaos/core'
import { configFile, setConfig } from '../config.ts'
import { EXIT } from '../exit-codes.ts'

/** `chaos set chobolo FILE` */
export async function run(given: string): Promise<number> {
  const file = path.resolve(given)
  if (!existsSync(file)) throw new ChaosError('CHOBOLO_NOT_FOUND', { message: `There is no file ${file}.`, hint: 'Write it first: chaos init chobolo' })
  await setConfig('chobolo_file', file)
  process.stderr.write(`${configFile()}: chobolo_file is now ${file}\n`)
  return EXIT.done
}
