export { packages } from './packages.ts'
export { repository } from './repository.ts'
export { update } from './update.ts'
export { upgrade } from './upgrade.ts'
