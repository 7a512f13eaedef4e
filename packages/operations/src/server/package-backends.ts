import { ChaosError } from '@chaos/core'
import type { Host } from '@chaos/core'
import { apt } from '../apt/backend.ts'
import { pacman } from '../pacman/backend.ts'
import type { PackageBackend } from './package-backend.ts'

/** In the order in which they are looked for. Another package manager joins by a line here. */
export const packageBackends: readonly PackageBackend[] = [
  apt,
  pacman,
]

/** What manages the packages of a host. */
export function packageBackend({ os, name }: Pick<Host, 'os' | 'name'>): PackageBackend {
  const found = packageBackends.find(({ program }) => os.packageManagers.includes(program))
  if (found) return found
  const there = os.packageManagers.length === 0 ? 'it has no package manager that is known' : `it has ${os.packageManagers.join(', ')}`
  throw new ChaosError('PACKAGE_MANAGER', {
    message: `The packages of ${name} cannot be managed: ${there}.`,
    hint: `Packages are managed through ${packageBackends.map(({ program }) => program).join(', ')}.`,
    host: name,
  })
}
