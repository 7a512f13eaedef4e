import { createHash } from 'node:crypto'
import { isSecret } from '@chaos/core'
import type { Diff, Host, Op, OperationOptions, RoleState, Secret } from '@chaos/core'
import { compared, facts, isOwned, own, scopedName, systemd, undeclared, unitName } from '@chaos/operations'
import * as z from '@chaos/operations/zod'
import type { Item } from './keys.ts'

/** The kind under which the role remembers files that it made. */
export const FILE = 'unit-file'

/** A file of a unit as an item has it. */
export interface UnitFile {
  /** `app.service`, `app.service.d/10-limits.conf`; of a user with `~USER` behind it. */
  readonly name: string
  readonly path: string
  readonly diff: Diff
  readonly make: () => Op
}

/** A file that the role made and nobody declares any more. */
export interface LeftFile {
  readonly name: string
  readonly unit: string
  /** Why it stays; undefined = it goes. */
  readonly kept: string | undefined
  readonly make: (options: OperationOptions) => Op
}

const note = z.object({ path: z.string().regex(/^\/.*\/systemd\/(system|user)\/[^/]+(\/[^/]+)?$/), sha256: z.string() })

/** Where the files of an item lie, by their names: known at once for the system; of a user it has to be asked. */
export async function filesOf({ name: given, user, unit, drop_ins = {} }: Item, host: Host): Promise<{ file: string; path: string }[]> {
  const name = unitName(given)
  const files = [...(unit === undefined ? [] : [name]), ...Object.keys(drop_ins).map((each) => `${name}.d/${confOf(each)}`)]
  const folder = files.length === 0 ? undefined : await folderOf(user, host)
  return folder === undefined ? [] : files.map((file) => ({ file, path: `${folder}/${file}` }))
}

/** Compares what an item says of its unit file and drop-ins. The service that comes after them makes systemd read them. */
export async function lookAtFiles({ name: given, user, unit, drop_ins = {} }: Item, files: readonly { file: string; path: string }[], host: Host): Promise<UnitFile[]> {
  const name = unitName(given)
  const whose = user === undefined ? {} : { user }
  const contents = new Map([...(unit === undefined ? [] : [[name, unit] as const]), ...Object.entries(drop_ins).map(([each, content]) => [`${name}.d/${confOf(each)}`, content] as const)])
  const state = host.state()
  return Promise.all(
    files.map(async ({ file, path }) => {
      const content = contents.get(file) ?? ''
      const common = { ...contentOf(content), reload: false, ...whose }
      const make = (options: OperationOptions): Op => (file === name ? systemd.unit({ name, ...common }, options) : systemd.dropIn({ unit: name, name: file.slice(file.lastIndexOf('/') + 1), ...common }, options))
      const [there, diff] = await Promise.all([host.as({ root: true }).fact(facts.stat(path)), compared(() => make({ root: true }), host)])
      const id = scopedName(file, user)
      const owned = there === null || isOwned(state, FILE, id) ? own(FILE, id, { path, sha256: hashOf(content) }) : {}
      return { name: id, path, diff, make: () => make({ root: true, ...owned }) }
    }),
  )
}

/** Files that the role made, of units that say nothing of them any more. */
export async function lookAtLeftFiles(declared: readonly string[], state: RoleState, host: Host): Promise<LeftFile[]> {
  const root = host.as({ root: true })
  return Promise.all(
    undeclared(state, FILE, declared).map(async ({ name, value }) => {
      const known = note.safeParse(value)
      const have = known.success ? await root.fact(facts.sha256(known.data.path)) : undefined
      const [file = '', user] = name.split('~')
      const [unit = '', dropIn] = file.split('.d/')
      const whose = user === undefined ? {} : { user }
      return {
        name,
        unit: scopedName(unit, user),
        kept: !known.success ? `${name}: what was noted when it was made cannot be read` : have !== null && have !== known.data.sha256 ? `${known.data.path}: it was changed since chaos made it` : undefined,
        make: (options: OperationOptions) => (dropIn === undefined ? systemd.unit({ name: unit, present: false, ...whose }, options) : systemd.dropIn({ unit, name: dropIn, present: false, ...whose }, options)),
      }
    }),
  )
}

/** Where files of units lie; of a user who is not there yet it is not known. */
async function folderOf(user: string | undefined, host: Host): Promise<string | undefined> {
  if (user === undefined) return '/etc/systemd/system'
  const account = await host.as({ root: true }).fact(facts.user(user))
  return account === null ? undefined : `${account.home}/.config/systemd/user`
}

function contentOf(content: string | Secret): { content: string | Secret; mode: string } {
  return { content, mode: isSecret(content) ? '0600' : '0644' }
}

function confOf(name: string): string {
  return name.endsWith('.conf') ? name : `${name}.conf`
}

function hashOf(content: string | Secret): string {
  const hash = (plain: string): string => createHash('sha256').update(plain).digest('hex')
  if (!isSecret(content)) return hash(content)
  let found = ''
  content.map((plain) => {
    found = hash(plain)
    return plain
  })
  return found
}
