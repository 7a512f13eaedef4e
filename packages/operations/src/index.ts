/** Packages of Debian and its kin: `apt.packages({ … })`. */
export * as apt from './apt/index.ts'
/** What can be known of a host: `facts.stat('/etc/hosts')`. */
export * as facts from './facts/index.ts'
/** Files, directories and links: `files.put({ … })`. */
export * as files from './files/index.ts'
/** Working copies: `git.repo({ … })`. */
export * as git from './git/index.ts'
/** Packages of Arch and its kin: `pacman.packages({ … })`. */
export * as pacman from './pacman/index.ts'
/** The machine: users, groups, packages and services whatever brings them, commands: `server.user({ … })`. */
export * as server from './server/index.ts'
/** Units of systemd: `systemd.service({ … })`. */
export * as systemd from './systemd/index.ts'
/** What a role added itself, remembered on the host: `own`, `disown`, `undeclared`. */
export { disown, isOwned, own, undeclared } from './owned.ts'
export type { Owned } from './owned.ts'
/** What an operation would change, for the context of a role. */
export { compared, differs } from './compared.ts'
/** Names, keys and hashes as the operations on accounts take them, for the schemas of roles. */
export { accountName, publicKey } from './server/account/members.ts'
export { keyIdentity } from './server/keys/key-line.ts'
/** Whether an account is somebody's: what a role takes away that removes all others. */
export { isPerson } from './facts/accounts.ts'
/** Package managers by what they can do, for roles that look at all that is installed. */
export { packageBackend } from './server/package-backends.ts'
export type { Inventory, PackageBackend, PackageIndex, PackageManager, Requirement, WantedPackage } from './server/package-backend.ts'
export { comparePackages, isSame, needsRefresh, plainName } from './server/package-difference.ts'
export type { PackageDifference } from './server/package-difference.ts'
export { repositoryItem } from './apt/repository-schema.ts'
export { anyPackageItem, packagesFor } from './server/package-list.ts'
export type { AnyPackageItem } from './server/package-list.ts'
/** What differs of a unit of systemd, and how it is named: for roles that look at many. */
export { cannotEnable, isUp, unitDifference } from './systemd/difference.ts'
export type { Act, WantedUnit } from './systemd/difference.ts'
export { account as unitUser, unit as unitSchema, unitName } from './systemd/name.ts'
export { scopedName } from './systemd/scope.ts'
/** What manages the services of a host. */
export { serviceBackend } from './server/service-backends.ts'
export type { ServiceBackend, WantedServices } from './server/service-backend.ts'
export { newestOf } from './server/service-newest.ts'
export type { Newest } from './server/service-newest.ts'
/** What is wrong with a value that may be of several forms, in one sentence. */
export { meantOr } from './union-message.ts'
export type { FileContent, FileType, Stat, TreeEntry, Unit } from './facts/index.ts'
