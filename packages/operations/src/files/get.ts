import { ChaosError, defineOperation } from '@chaos/core'
import type { Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { sha256 } from '../facts/sha256.ts'
import { stat } from '../facts/stat.ts'
import { path } from './members.ts'
import { localHash } from './source.ts'
import { typeName, wrongType } from './surroundings.ts'

const schema = z.strictObject({
  path: path.describe('The file on the host.'),
  dest: z.string().min(1).describe('Where it goes on the controller; a relative path starts at the folder of the Ch-obolo, one that ends with / is a folder.'),
})
type Args = z.output<typeof schema>

/** Brings a file of the host to the controller, when its content differs. */
export const get = defineOperation({
  name: 'files.get',
  about: 'Ensures that a file of the controller is the same as one of the host.',
  args: schema,
  example: { path: '/etc/os-release', dest: 'fetched/' },
  diff,
  // Nothing changes on the host.
  touches: () => [],
})

async function diff({ path, dest }: Args, host: Host): Promise<Diff> {
  // The name on the controller comes from the Ch-obolo alone: a host never chooses a local path.
  const to = host.local.resolve(dest.endsWith('/') ? `${dest}${path.slice(path.lastIndexOf('/') + 1)}` : dest)
  const [have, hash, mine] = await Promise.all([host.fact(stat(path)), host.fact(sha256(path)), localHash(to, host)])
  if (!have) {
    throw new ChaosError('FILE_MISSING', { message: `${path} is not there, so it cannot be brought from ${host.name}.`, host: host.name, details: { path } })
  }
  if (hash === null) throw wrongType(path, have.type, 'file', { force: false })
  if (hash === mine) return []
  return [{ summary: `${mine === null ? 'fetch' : 'fetch again'} ${typeName('file')} → ${to}`, do: [{ fetch: { from: path, to } }] }]
}
