import { z } from 'zod'
import { meantOr } from '../union-message.ts'
import type { PackageManager, WantedPackage } from './package-backend.ts'

/** Schema members for packages, shared by the operations of all package managers and by the role. */

const name = z
  .string({ error: 'a package is given by its name' })
  .superRefine((value, check) => {
    const message = wrongName(value)
    if (message !== undefined) check.addIssue({ code: 'custom', message })
  })
  .describe('Name of the package.')

const version = z
  .string({ error: "a version is a text; write it in quotes, such as '1.10'" })
  .regex(/^[A-Za-z0-9][A-Za-z0-9.+~:^_-]*$/, 'this is no version of a package')

const state = z.enum(['present', 'latest', 'absent'])

const members = {
  name,
  version: version.optional().describe('Exactly this version. Not given = whichever is there, else the newest that is offered.'),
  state: state.default('present').describe('`latest` = not older than what is offered; `absent` = removed.'),
}

const text = z
  .string()
  .transform((value, check) => {
    const [plain = '', exact, ...more] = value.split('=')
    const checked = z.strictObject({ name, version: version.optional() }).safeParse({ name: plain, ...(exact === undefined ? {} : { version: exact }) })
    if (checked.success && more.length === 0) return { ...checked.data, state: 'present' as const }
    check.addIssue({ code: 'custom', message: checked.error?.issues[0]?.message ?? `${JSON.stringify(value)} holds more than one =` })
    return z.NEVER
  })
  .meta({ examples: ['git'] })

const oneVersion = ({ version, state }: { version?: string | undefined; state: string }): boolean => version === undefined || state === 'present'
const ONE_VERSION = 'a version makes sense for a package that is present'

const ITEM = 'a package is its name, NAME=VERSION, or a map with name, version and state'

/** One package of a list: `git`, `git=1:2.39.5-0`, `{ name, version, state }`. */
export const packageItem = z.union([text, z.strictObject(members).refine(oneVersion, ONE_VERSION)], { error: meantOr(ITEM) })

const elsewhere = z.union([name, z.literal(false)]).optional()

/** The same in a list for any distribution: what it is called elsewhere, `false` where there is none or none is needed. */
export const anyPackageItem = z.union([
  text,
  z
    .strictObject({
      ...members,
      apt: elsewhere.describe('Its name on Debian and its kin; false = not there.'),
      pacman: elsewhere.describe('Its name on Arch and its kin; false = not there.'),
    })
    .refine(oneVersion, ONE_VERSION),
], { error: meantOr(ITEM) })
export type AnyPackageItem = z.output<typeof anyPackageItem>

/** Seconds, at least a minute: what was just refreshed is always new enough. */
export const cacheTime = z.int().min(60, 'cacheTime is at least 60 seconds').default(3600).describe('Seconds for which an index is new enough.')
export const update = z.boolean().default(false).describe('Refreshes the index first, when it is older than `cacheTime` and something depends on it.')

/** A list for any distribution, as one package manager calls its packages. */
export function packagesFor(items: readonly AnyPackageItem[], manager: PackageManager): WantedPackage[] {
  return items.flatMap((item) => {
    const called = (item as Partial<Record<PackageManager, string | false>>)[manager]
    if (called === false) return []
    const { name, version, state } = item
    return [{ name: called ?? name, state, ...(version === undefined ? {} : { version }) }]
  })
}

/** How a list is shown as a title. */
export function packagesTitle(items: readonly { name: string }[]): string {
  const names = items.map(({ name }) => name)
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`
}

/** Each package manager is stricter; what none has, and what its program would take for an option, never gets that far. */
function wrongName(value: string): string | undefined {
  if (value.startsWith('-')) return `${JSON.stringify(value)} starts with -, as an option does; that is no name of a package`
  return /^[A-Za-z0-9@_+.][A-Za-z0-9@._+:/-]*$/.test(value) ? undefined : `${JSON.stringify(value)} is no name of a package`
}
