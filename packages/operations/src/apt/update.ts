import { defineOperation, touch } from '@chaos/core'
import { z } from 'zod'
import { cacheTime } from '../server/package-list.ts'
import { refreshIndex } from './command.ts'
import { aptIndex } from './package-index.ts'

/** The index of packages is new enough, and not older than the repositories. */
export const update = defineOperation({
  name: 'apt.update',
  about: 'Refreshes the package index when it is older than `cacheTime`, or than a file of the repositories.',
  example: { cacheTime: 86_400 },
  args: z.strictObject({ cacheTime }),
  title: () => '',
  diff: async ({ cacheTime }, host) => {
    const { age } = await host.fact(aptIndex())
    return age !== undefined && age <= cacheTime ? [] : [{ summary: 'refresh the package index', do: [{ run: refreshIndex }] }]
  },
  follows: () => [touch.named('package-index')],
  touches: () => [touch.named('package-index')],
})
