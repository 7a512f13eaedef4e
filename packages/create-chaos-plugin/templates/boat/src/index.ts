import { readFile } from 'node:fs/promises'
import { ChaosError, defineBoat } from '@chaos/core'
import * as z from '@chaos/operations/zod'

const config = z.strictObject({
  file: z.string().min(1).describe('A JSON file of the controller: host names, each with its data.'),
})

const inventory = z.record(z.string().min(1), z.looseObject({ groups: z.array(z.string()).optional() }))

/** A boat asks somebody which hosts there are: a file here, an API or a program (`context.run`) elsewhere. */
export default defineBoat({
  about: 'Hosts from a JSON file.',
  config,
  async *hosts({ config: { file } }) {
    for (const [name, { groups = [], ...data }] of Object.entries(await hostsOf(file))) yield { name, data, groups }
  },
})

async function hostsOf(file: string): Promise<z.output<typeof inventory>> {
  // What somebody else wrote is checked before it is used.
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) throw new ChaosError('INVENTORY_MISSING', { message: `The inventory ${file} cannot be read.`, hint: 'Look at `file` below fleet.boats.' })
  const result = inventory.safeParse(parsed(text))
  if (result.success) return result.data
  throw new ChaosError('INVENTORY_INVALID', { message: `${file} is no inventory: ${result.error.issues[0]?.message ?? 'invalid'}.`, hint: 'Write { "web1": { "ssh_user": "admin", "groups": ["web"] } }.' })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
