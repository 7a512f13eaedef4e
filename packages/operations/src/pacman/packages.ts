import { defineOperation } from '@chaos/core'
import { z } from 'zod'
import { eachOnce } from '../server/package-difference.ts'
import { names, parted } from './members.ts'
import { packagesDiff } from './packages-diff.ts'

const schema = z
  .strictObject({
    packages: names.describe('Names of packages, groups or what packages provide; app=2.0-1 = exactly that one, if the repositories have it.'),
    present: z.boolean().default(true).describe('false = they must not be there. What other packages need is not removed: that is an error that names them.'),
    latest: z.boolean().default(false).describe('Not older than the package lists offer.'),
    update: z.boolean().default(false).describe('Refreshes the package lists first, when something is to be installed; everything is upgraded along, because Arch supports no partial upgrade.'),
    cacheTime: z.number().nonnegative().default(3600).describe('Seconds for which package lists are new enough for `update`.'),
    recursive: z.boolean().default(false).describe('What is removed takes along dependencies that nothing else needs.'),
  })
  .refine(({ present, packages }) => present || packages.every((each) => !each.includes('=')), { path: ['packages'], message: 'what is to be absent has no version' })
  .refine(({ present, recursive }) => !(present && recursive), { path: ['recursive'], message: 'recursive is about removal: give present: false' })
type Args = z.output<typeof schema>

/** Packages of Arch Linux and its kin. */
export const packages = defineOperation({
  name: 'pacman.packages',
  about: 'Ensures that packages of pacman are installed, or not; groups and what packages provide count as pacman counts them.',
  args: schema,
  example: { packages: ['git', 'base-devel'] },
  title: (args) => args.packages.join(', '),
  diff: (args, host) => packagesDiff(wantedOf(args), host, args),
})

function wantedOf({ packages: given, present, latest, update, cacheTime }: Args) {
  const state = present ? (latest ? ('latest' as const) : ('present' as const)) : ('absent' as const)
  return { packages: eachOnce(given.map((each) => ({ ...parted(each), state }))), update, cacheTime }
}
