/** What can be known of a host: `facts.stat('/etc/hosts')`. */
export * as facts from './facts/index.ts'
/** Files, directories and links: `files.put({ … })`. */
export * as files from './files/index.ts'
/** Commands: `server.shell({ … })`. */
export * as server from './server/index.ts'
export type { FileContent, FileType, Stat, TreeEntry } from './facts/index.ts'
