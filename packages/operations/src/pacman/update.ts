import { defineOperation, sh } from '@chaos/core'
import { z } from 'zod'
import { cacheTime } from '../server/package-list.ts'
import { whenFree } from './lock.ts'
import { index } from './offer.ts'

/** The package lists are new enough, and what is installed goes with them. */
export const update = defineOperation({
  name: 'pacman.update',
  about: 'Refreshes the package lists and upgrades all packages with them, when the lists are older than `cacheTime` or not there.',
  example: { cacheTime: 86_400 },
  args: z.strictObject({
    cacheTime,
    upgrade: z
      .boolean()
      .default(true)
      .describe('Upgrades all packages along. Without it what is installed from the new lists may need newer libraries than are there: a partial upgrade, which Arch does not support.'),
  }),
  title: () => '',
  diff: async ({ cacheTime, upgrade }, host) => {
    const { age } = await host.fact(index())
    if (age !== undefined && age <= cacheTime) return []
    const run = upgrade ? sh`pacman -Syu --noconfirm --noprogressbar` : sh`pacman -Sy --noconfirm --noprogressbar`
    return [{ summary: `refresh the package lists${upgrade ? ' and upgrade all packages' : ''}`, do: [{ run: whenFree(run) }] }]
  },
})
