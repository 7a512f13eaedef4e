import type { Chobolo, Problem } from '@chaos/chobolo'
import { ChaosError, isChaosError } from '@chaos/core'
import type { Role, Schema } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import type { HostView, RoleRequest, Slice } from '@chaos/engine'
import { expandTags } from './aliases.ts'
import type { Aliases, Warning } from './aliases.ts'

/** A role that was loaded, with the keys it reads. */
export interface LoadedRole {
  tag: string
  role: Role
  package: string
  keys: readonly string[]
  /** Keys of other roles that it reads along; they do not make it run. */
  reads: Readonly<Record<string, Schema>>
  /** Of its own keys; not given for the short form, which has none. */
  schemas?: Readonly<Record<string, Schema>>
  /** What a short form is given of the secrets file. */
  secrets?: readonly string[]
}

/** The roles that tags name, aliases expanded. An unknown one is an error that says what to add. */
export async function rolesOf(tags: readonly string[], plugins: Plugins, user: Aliases = {}): Promise<{ roles: LoadedRole[]; warnings: Warning[] }> {
  const { tags: names, warnings, circles } = expandTags(tags, { plugins: plugins.aliases, user })
  const roles: LoadedRole[] = []
  for (const name of names) {
    const circle = circles.get(name)
    if (circle !== undefined && !plugins.list('roles').some((each) => each.name === name)) {
      throw new ChaosError('ALIAS_CYCLE', { message: `Aliases go in a circle: ${circle}. There is no role \`${name}\` either.`, hint: 'Look at `aliases` in the config, and at `chaos check aliases`.' })
    }
    roles.push(await loadRole(name, plugins))
  }
  return { roles, warnings }
}

/** All installed roles; one that cannot be loaded spoils nothing of the others. */
export async function allRoles(plugins: Plugins): Promise<{ roles: LoadedRole[]; broken: ChaosError[] }> {
  const roles: LoadedRole[] = []
  const broken: ChaosError[] = []
  for (const { name } of plugins.list('roles')) {
    try {
      roles.push(await loadRole(name, plugins))
    } catch (error) {
      if (!isChaosError(error)) throw error
      broken.push(error)
    }
  }
  return { roles, broken }
}

/** Roles whose keys are there, in the file's order. Of a role with several keys the one of its own name tells its place. A key that only an overlay of the fleet has comes last. */
export function rolesInFileOrder(roles: readonly LoadedRole[], chobolo: Chobolo): LoadedRole[] {
  const place = ({ tag, keys }: LoadedRole): number => {
    const own = keys.includes(tag) ? chobolo.keys.indexOf(tag) : -1
    if (own !== -1) return own
    const found = keys.map((key) => chobolo.keys.indexOf(key)).filter((index) => index !== -1)
    return found.length === 0 ? Infinity : Math.min(...found)
  }
  const overlays = JSON.stringify(chobolo.raw['fleet'] ?? null)
  return roles
    .filter((role) => place(role) !== Infinity || role.keys.some((key) => overlays.includes(JSON.stringify(key))))
    .toSorted((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)))
}

/** What root keys nobody reads: warnings, and an error where one is nearly a key that is read. */
export function unreadKeys(chobolo: Chobolo, roles: readonly LoadedRole[]): Problem[] {
  const read = roles.flatMap((role) => [...role.keys, ...Object.keys(role.reads)].map((key) => ({ key, package: role.package })))
  const missing = NOT_INSTALLED.filter(({ key }) => !read.some((other) => other.key === key))
  return chobolo.unused([...read, ...missing.map((each) => ({ ...each, installed: false }))])
}

/** Keys of roles that have a package of their own, so that a Ch-obolo that has them is told which. */
const NOT_INSTALLED = [
  { key: 'users', package: '@chaos/role-users' },
  { key: 'hostname', package: '@chaos/role-users' },
  { key: 'packages', package: '@chaos/role-packages' },
  { key: 'services', package: '@chaos/role-services' },
]

/** The engine's question for a role's part of the Ch-obolo on a host. */
export function makeSlice(chobolo: Chobolo, roles: readonly LoadedRole[]): (host: HostView, request: RoleRequest) => Promise<Slice | undefined> {
  const byTag = new Map(roles.map((role) => [role.tag, role]))
  return async (host, { tag, explicit }) => {
    const role = byTag.get(tag) as LoadedRole
    const values = await chobolo.resolve(host, [...role.keys, ...Object.keys(role.reads)])
    if (!explicit && !role.keys.some((key) => key in values)) return undefined
    return { chobolo: values, desired: role.schemas ? await validated(chobolo, { ...role.reads, ...role.schemas }, values) : values }
  }
}

/** The values as the role's schemas give them; all mistakes in one error. */
export async function validated(chobolo: Chobolo, schemas: Readonly<Record<string, Schema>>, values: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
  const { refuseProblems, validateSlice } = await import('@chaos/chobolo')
  const { desired, problems } = await validateSlice(chobolo, schemas, values)
  refuseProblems(problems)
  return desired
}

async function loadRole(tag: string, plugins: Plugins): Promise<LoadedRole> {
  const role = await plugins.load('roles', tag)
  const entry = plugins.list('roles').find((each) => each.name === tag)
  const about = { tag, role, package: entry?.package ?? '', reads: {} }
  if (role.definition) {
    const { keys, reads = {} } = role.definition
    return { ...about, keys: Object.keys(keys), reads, schemas: keys }
  }
  if (!plugins.list('keys').some((each) => each.name === tag)) return { ...about, keys: [] }
  const { fragments } = await plugins.load('keys', tag)
  return { ...about, keys: [...new Set(fragments.flatMap((fragment) => Object.keys(fragment)))] }
}
