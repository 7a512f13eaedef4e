import { ChaosError, defineOperation } from '@chaos/core'
import type { Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { sha256 } from '../facts/sha256.ts'
import { stat } from '../facts/stat.ts'
import { path } from './members.ts'
import { localSource } from './source.ts'

const schema = z.strictObject({
  path: path.describe('The file on the host.'),
  to: z.string().min(1).describe('Where it goes on the controller; a relative path starts at the folder of the Ch-obolo. Nothing the host says has a part in it.'),
})
type Args = z.output<typeof schema>

/** A file of the host, on the controller. */
export const get = defineOperation({
  name: 'files.get',
  about: 'Ensures that the controller has a copy of a file of the host.',
  args: schema,
  diff,
  touches: () => [],
})

async function diff({ path, to }: Args, host: Host): Promise<Diff> {
  const local = host.local.resolve(to)
  const [have, hash, mine] = await Promise.all([host.fact(stat(path)), host.fact(sha256(path)), localHash(local, host)])
  if (!have || hash === null) {
    throw new ChaosError('FILE_NOT_THERE', {
      message: have ? `${path} is no regular file.` : `${path} is not there.`,
      hint: 'files.get brings a file of the host to the controller; check its path.',
      details: { path },
    })
  }
  if (hash === mine) return []
  return [{ summary: `${mine === undefined ? 'fetch' : 'fetch again'} to ${local}`, before: mine ?? null, after: hash, do: [{ fetch: { from: path, to: local } }] }]
}

async function localHash(local: string, host: Host): Promise<string | undefined> {
  const there = await host.local.hold(async () => {
    const { existsSync } = await import('node:fs')
    return existsSync(local)
  })
  return there ? (await localSource(local, host)).sha256 : undefined
}
