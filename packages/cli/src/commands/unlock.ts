import { unlock } from '@chaos/engine'
import { choboloFile } from '../chobolo-file.ts'
import { readConfig } from '../config.ts'
import { EXIT } from '../exit-codes.ts'
import { openChobolo } from '../open-chobolo.ts'
import { pluginsOf } from '../plugins.ts'
import type { TargetOptions } from '../program/options.ts'
import { hostName } from '../render/words.ts'
import { showError } from '../show-error.ts'
import { targetOf } from '../target.ts'

/** `chaos unlock ID`: takes away the lock of a run that is dead, and of no other. */
export async function run(id: string, options: TargetOptions): Promise<number> {
  const config = await readConfig()
  const file = choboloFile(options.chobolo, config)
  const fleet = options.fleet === true || options.limit !== undefined
  const { chobolo, plugins } = fleet ? await openChobolo(file, config) : { chobolo: undefined, plugins: await pluginsOf(file) }
  const target = await targetOf(chobolo, plugins, options)
  const hosts = await unlock({ ...target, choboloPath: file ?? `${process.cwd()}/ch-obolo.yml`, run: id })
  if (options.json) {
    process.stdout.write(`${JSON.stringify(hosts.map(({ host, state }) => ({ host, state })), null, 2)}\n`)
  } else for (const { host, state } of hosts) process.stdout.write(`${hostName(host)}: ${state === 'not locked' ? 'not locked by this run' : state}\n`)
  for (const { error } of hosts) if (error !== undefined) showError(error, { json: false })
  return hosts.some(({ state }) => state === 'failed') ? EXIT.failed : EXIT.done
}
