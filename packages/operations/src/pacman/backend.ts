import type { PackageBackend } from '../server/package-backend.ts'
import { inventory } from './inventory.ts'
import { wrongName } from './names.ts'
import { index, offer } from './offer.ts'
import { packagesDiff } from './packages-diff.ts'
import { requirements } from './requirements.ts'

/** Packages of Arch Linux and its kin. */
export const pacman: PackageBackend = {
  id: 'pacman',
  program: 'pacman',
  wrongName,
  inventory,
  offer,
  index,
  requirements,
  diff: (wanted, host) => packagesDiff(wanted, host),
}
