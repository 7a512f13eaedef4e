import { defineOperation, sh } from '@chaos/core'
import type { Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { whenFree } from './lock.ts'
import { index } from './offer.ts'

const schema = z.strictObject({
  cacheTime: z.number().nonnegative().default(0).describe('Seconds for which package lists are new enough: younger ones are left as they are. Default: they are refreshed at each run.'),
  upgrade: z
    .boolean()
    .default(true)
    .describe('Upgrades all packages along. Without it what is installed from the new lists may need newer libraries than are there: a partial upgrade, which Arch does not support.'),
})
type Args = z.output<typeof schema>

/** Refreshes the package lists, `-Syu`. */
export const update = defineOperation({
  name: 'pacman.update',
  about: 'Refreshes the package lists and upgrades all packages with them, at each run or when the lists are older than `cacheTime`.',
  args: schema,
  example: { cacheTime: 86_400 },
  action: true,
  title: ({ upgrade }) => (upgrade ? 'package lists and packages' : 'package lists'),
  diff,
})

async function diff({ cacheTime, upgrade }: Args, host: Host): Promise<Diff> {
  if (cacheTime > 0) {
    const { age } = await host.fact(index())
    if (age !== undefined && age <= cacheTime) return []
  }
  const run = upgrade ? sh`pacman -Syu --noconfirm --noprogressbar` : sh`pacman -Sy --noconfirm --noprogressbar`
  return [{ summary: `refresh the package lists${upgrade ? ' and upgrade all packages' : ''}`, do: [{ run: whenFree(run) }] }]
}
