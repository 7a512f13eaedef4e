import type { Desired } from '@chaos/core'
import { anyPackageItem, meantOr, repositoryItem } from '@chaos/operations'
import * as z from '@chaos/operations/zod'

const name = z
  .string({ error: 'a package is given by its name' })
  .regex(/^[A-Za-z0-9@_+.][A-Za-z0-9@._+:/-]*$/, 'this is no name of a package')

const packages = z.array(anyPackageItem)

export type Options = Omit<z.output<typeof options>, 'list'>

const options = z.strictObject({
  list: packages.describe('Packages: names, NAME=VERSION, or maps with name, version, state, and other names elsewhere.'),
  exclusive: z.boolean().default(false).describe('Packages that somebody asked for and that are not in the list are removed, whoever installed them.'),
  update: z.boolean().optional().describe('Refreshes the package index first, when it is older than cache_time and something depends on it. Default: true with apt; false elsewhere, because a new index on Arch means that everything is upgraded.'),
  cache_time: z.int().min(60, 'cache_time is at least 60 seconds').default(3600).describe('Seconds for which an index is new enough.'),
  upgrade: z.union([z.boolean(), z.literal('full')], { error: () => 'upgrade is true, false or full' }).default(false).describe('All packages are brought to what the index has; full = also what needs another package to go.'),
  repositories: z.array(repositoryItem).default([]).describe('Repositories of packages, where there is apt.'),
  aur_user: z.string().min(1).optional().describe('Who builds packages of the AUR. Default: the login user.'),
})

export const keys = {
  packages: z
    .union([packages.transform((list) => ({ ...options.parse({ list: [] }), list })), options], {
      error: meantOr('packages are a list, or a map with the list; leave the key out where they are not managed'),
    })
    .optional()
    .describe('What is installed: a list, or a map with the list and how it is kept. Not given = not managed.')
    .meta({ examples: [['git', 'curl']] }),
  baseOverride: z.array(name).optional().describe('Packages that stay, whatever the list says: exclusive leaves them.'),
  aurHelpers: z.array(z.enum(['yay', 'paru'])).optional().describe('What builds packages of the AUR: the first is used. It has to be there.'),
  aurPackages: z.array(name).optional().describe('Packages of the AUR, on Arch. Not given = not managed.'),
}

/** Their shells are packages too; whatever else is said of users is not looked at here. */
export const reads = { users: z.unknown().optional() }

export type Wanted = Desired<typeof keys> & Desired<typeof reads>
