import { defineOperation } from '@chaos/core'
import { z } from 'zod'
import { cacheTime, packageItem, packagesTitle, update } from '../server/package-list.ts'
import { packagesDiff } from './packages-diff.ts'

/** Packages of Arch Linux and its kin. */
export const packages = defineOperation({
  name: 'pacman.packages',
  about: 'Ensures that packages are there, at a version or the latest, or not there; groups and what packages provide count as pacman counts them.',
  example: { packages: ['git', 'base-devel', { name: 'nano', state: 'absent' }], recursive: true },
  args: z.strictObject({
    packages: z.array(packageItem).describe('Names of packages, groups or what packages provide, NAME=VERSION, or maps. Only the version that the repositories have can be installed.'),
    update: update.describe('Refreshes the package lists first, when they are older than `cacheTime` and something depends on them. All packages are upgraded along: Arch supports no partial upgrade.'),
    cacheTime,
    recursive: z.boolean().default(false).describe('What goes takes dependencies along that nothing else needs. What other packages need never goes: that is an error that names them.'),
  }),
  title: ({ packages: given }) => packagesTitle(given),
  diff: packagesDiff,
})
