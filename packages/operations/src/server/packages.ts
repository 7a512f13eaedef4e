import { defineOperation } from '@chaos/core'
import { z } from 'zod'
import { packageBackend } from './package-backends.ts'
import { anyPackageItem, cacheTime, packagesFor, packagesTitle, update } from './package-list.ts'

/** Packages, through whatever package manager the host has. A package may have another name elsewhere: `{ name: 'httpd', apt: 'apache2' }`. */
export const packages = defineOperation({
  name: 'server.packages',
  about: 'Ensures that packages are there, at a version or the latest, or not there, through the package manager of the host.',
  example: { packages: ['git', { name: 'httpd', apt: 'apache2' }, { name: 'telnet', state: 'absent' }] },
  args: z.strictObject({ packages: z.array(anyPackageItem).describe('Names, NAME=VERSION, or maps.'), update, cacheTime }),
  title: ({ packages }) => packagesTitle(packages),
  diff: ({ packages, update, cacheTime }, host) => {
    const backend = packageBackend(host)
    return backend.diff({ packages: packagesFor(packages, backend.id), update, cacheTime }, host)
  },
})
