import { chmodSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { revealSecret } from '@chaos/core'
import { encryptSops, newIdentity } from '@chaos/sops'
import type { Desk } from '../command-line.ts'

export interface Vault {
  file: string
  recipient: string
  /** The age identity, in clear. */
  identity: string
}

/** Gives a desk an age identity, a secrets file that is encrypted for it, the config of sops for it, and a config that names both. */
export async function addVault(desk: Desk, plain: string): Promise<Vault> {
  const { identity, recipient } = await newIdentity()
  const keys = desk.write('config/keys.txt', revealSecret(identity))
  chmodSync(keys, 0o600)
  const file = desk.write('secrets.yml', '')
  const sops = desk.write('sops-config.yml', `creation_rules:\n  - path_regex: secrets.*\\.yml$\n    key_groups:\n      - age:\n          - ${recipient}\n`)
  desk.write('secrets.yml', await encryptSops(plain, { file, groups: [[{ kind: 'age', id: recipient }]] }))
  desk.write('config/config.yml', `secrets_file: ${file}\nsops_file: ${sops}\n`)
  return { file, recipient, identity: revealSecret(identity) }
}

/** All files of a desk by their path within it, but for those that are named. */
export function filesOf(desk: Desk, but: readonly string[] = []): Record<string, string> {
  const all = readdirSync(desk.folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
  const files = all.map((each) => path.join(each.parentPath, each.name)).filter((file) => !but.includes(path.relative(desk.folder, file)))
  return Object.fromEntries(files.map((file) => [path.relative(desk.folder, file), readFileSync(file, 'latin1')]))
}

/** Folders for editing that commands of a desk have, or left, in memory. Others at work side by side have theirs. */
export function inMemoryOf({ pids }: Desk): string[] {
  return readdirSync('/dev/shm').filter((name) => pids.has(Number(/^chaos-edit-(\d+)-/.exec(name)?.[1])))
}

/** A role of somebody else that writes the secret app.password to the file that its key names. */
export function addWriter(desk: Desk, more = "secrets: ['app.password'],"): void {
  rmSync(path.join(desk.folder, 'node_modules/writer'), { recursive: true, force: true })
  desk.addPlugin('writer', { roles: { writer: './index' } }, `import { defineRole } from '@chaos/core'
import { files } from '@chaos/operations'
import * as z from '@chaos/operations/zod'
export default defineRole({
  keys: { writes: z.string() },
  ${more}
  context: ({ desired, secrets }) => ({ path: desired.writes, content: secrets['app.password'], names: Object.keys(secrets) }),
  delta: (looked) => ({ add: [looked] }),
  plan: (_, { context: { path, content, names } }) => [files.put({ path, content: content ?? names.join(' ') })],
})
`)
}
