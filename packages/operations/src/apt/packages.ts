import { defineOperation } from '@chaos/core'
import { z } from 'zod'
import { cacheTime, packageItem, packagesTitle, update } from '../server/package-list.ts'
import { packageChanges } from './package-changes.ts'

/** Packages of Debian and its kin: all that come and go in one command. What is only there as a dependency is marked as asked for. */
export const packages = defineOperation({
  name: 'apt.packages',
  about: 'Ensures that packages are there, at a version or the latest, or not there; what would go along is shown and counted.',
  example: { packages: ['git', 'nginx=1.22.1-9+deb12u1', { name: 'telnet', state: 'absent' }], update: true },
  args: z.strictObject({
    packages: z.array(packageItem).describe('Names, NAME=VERSION, or maps; `libc6:i386` is one of another architecture.'),
    update,
    cacheTime,
    noRecommends: z.boolean().default(false).describe('Leaves out what packages merely recommend.'),
    purge: z.boolean().default(false).describe('What goes, goes with its configuration.'),
    allowDowngrades: z.boolean().default(false).describe('A version may be older than the one that is there.'),
  }),
  title: ({ packages }) => packagesTitle(packages),
  diff: packageChanges,
})
