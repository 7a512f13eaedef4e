import type { PackageBackend } from '../server/package-backend.ts'
import { aptInventory } from './inventory.ts'
import { wrongAptName } from './names.ts'
import { aptOffer } from './offer.ts'
import { packageChanges } from './package-changes.ts'
import { aptIndex } from './package-index.ts'
import { aptRequirements } from './requirements.ts'

/** The packages of Debian and its kin, for `server.packages` and the role. */
export const apt: PackageBackend = {
  id: 'apt',
  program: 'apt-get',
  wrongName: wrongAptName,
  inventory: aptInventory,
  offer: aptOffer,
  index: aptIndex,
  requirements: aptRequirements,
  diff: packageChanges,
}
