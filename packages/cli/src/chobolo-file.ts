import { existsSync } from 'node:fs'
import path from 'node:path'
import { ChaosError } from '@chaos/core'
import type { Config } from './config.ts'

/** The Ch-obolo that is meant: `-c`, else `./ch-obolo.yml`, else the config's. Undefined when there is none. */
export function choboloFile(given: string | undefined, config: Config, cwd = process.cwd()): string | undefined {
  if (given !== undefined) {
    const file = path.resolve(cwd, given)
    if (existsSync(file)) return file
    throw new ChaosError('CHOBOLO_NOT_FOUND', { message: `There is no file ${given}.`, hint: 'Look at what stands after -c.' })
  }
  const here = path.join(cwd, 'ch-obolo.yml')
  if (existsSync(here)) return here
  const { chobolo_file: set } = config
  if (set === undefined || existsSync(set)) return set
  throw new ChaosError('CHOBOLO_NOT_FOUND', { message: `The config names ${set} as the Ch-obolo, and that file is not there.`, hint: 'Set another: chaos set chobolo FILE' })
}

/** The same, where there must be one. */
export function requireChoboloFile(given: string | undefined, config: Config): string {
  const file = choboloFile(given, config)
  if (file !== undefined) return file
  throw new ChaosError('CHOBOLO_NOT_FOUND', { message: 'There is no ch-obolo.yml here, and none is set.', hint: 'Write a first one: chaos init chobolo' })
}
