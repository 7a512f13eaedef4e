import type { PackageBackend } from '../server/package-backend.ts'
import { inventory } from './inventory.ts'
import { wrongName } from './names.ts'
import { index, offer } from './offer.ts'
import { packagesDiff } from './packages-diff.ts'
import { requirements } from './requirements.ts'

/** The packages of Arch Linux and its kin, for `server.packages` and the role. */
export const pacman: PackageBackend = {
  id: 'pacman',
  program: 'pacman',
  wrongName,
  inventory,
  offer,
  index,
  requirements,
  diff: packagesDiff,
}
