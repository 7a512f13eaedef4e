import { jsonSchema } from '@chaos/chobolo'
import type { Schema } from '@chaos/core'
import { choboloFile } from '../chobolo-file.ts'
import { readConfig } from '../config.ts'
import { EXIT } from '../exit-codes.ts'
import { pluginsOf } from '../plugins.ts'
import type { CheckOptions } from '../program/options.ts'
import { allRoles } from '../roles.ts'
import type { Plugins } from '@chaos/discovery'

/** `chaos schema`: JSON Schema, draft-07, which is what editors read. */
export async function run({ chobolo }: CheckOptions): Promise<number> {
  const plugins = await pluginsOf(choboloFile(chobolo, await readConfig()))
  process.stdout.write(`${JSON.stringify(await schemaOf(plugins), null, 2)}\n`)
  return EXIT.done
}

/** The schema of a Ch-obolo with all roles and connectors that are installed. */
export async function schemaOf(plugins: Plugins): Promise<Record<string, unknown>> {
  const keys: Record<string, Schema> = {}
  const { roles, broken } = await allRoles(plugins)
  if (broken[0]) throw broken[0]
  for (const { schemas = {} } of roles) Object.assign(keys, schemas)
  const connectors = await Promise.all(plugins.list('connectors').map(({ name }) => plugins.load('connectors', name)))
  return jsonSchema({ keys, hosts: connectors.flatMap(({ data }) => (data ? [data] : [])) })
}
