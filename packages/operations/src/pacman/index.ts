export { aurPackages } from './aur-packages.ts'
export { packages } from './packages.ts'
export { update } from './update.ts'
export { upgrade } from './upgrade.ts'
