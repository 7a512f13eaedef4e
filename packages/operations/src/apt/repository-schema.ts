import { z } from 'zod'
import { meantOr } from '../union-message.ts'

const word = z.string().regex(/^[^\s\0]+$/, 'this holds no blank')
const words = z
  .union([word, z.array(word).min(1)])
  .transform((value) => (typeof value === 'string' ? [value] : value))
const uri = z.string().regex(/^(https?|ftp|file|copy|cdrom|mirror(\+[a-z]+)?):\S+$/, 'this is no address of a repository: https://…, http://…, file:/…')
const uris = z.union([uri, z.array(uri).min(1)]).transform((value) => (typeof value === 'string' ? [value] : value))
const sha256 = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/, 'a SHA-256 is 64 hexadecimal digits')
  .transform((hash) => hash.toLowerCase())

const key = z.union([
  z.strictObject({ text: z.string().startsWith('-----BEGIN PGP PUBLIC KEY BLOCK-----', 'this is no key: it begins with -----BEGIN PGP PUBLIC KEY BLOCK-----').describe('The key itself, in its armour.') }),
  z.strictObject({ src: z.string().min(1).describe('A file of the controller, armored or binary; a relative path starts at the folder of the Ch-obolo.') }),
  z.strictObject({
    url: z.string().regex(/^https?:\/\/\S+$/, 'an http or https address').describe('Where the host loads it from.'),
    sha256: sha256.describe('What the key must be: whoever changes it there could sign packages.'),
    armored: z.boolean().default(true).describe('false = a binary key (.gpg).'),
  }),
], { error: meantOr('a key is { text }, { src }, or { url, sha256 }') })

const members = {
  name: z.string().regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, 'letters, digits, - and _ make the name: it becomes a file, and apt leaves out any other').describe('Name of its file below /etc/apt/sources.list.d.'),
  present: z.boolean().default(true).describe('false = it must not be there.'),
  types: z.array(z.enum(['deb', 'deb-src'])).min(1).default(['deb']).describe('deb-src = its sources too.'),
  uris: uris.optional().describe('Its addresses.'),
  suites: words.optional().describe('Distributions: bookworm; one that ends with / is a folder that needs no components.'),
  components: words.optional().describe('main, contrib, …'),
  architectures: words.optional().describe('Default: those of the host.'),
  key: key.optional().describe('What signs it. Not given = a key that the host trusts anyway.'),
  enabled: z.boolean().default(true).describe('false = it is written down, and apt leaves it out.'),
  trusted: z.boolean().default(false).describe('Takes its packages without any signature. Only for files of the host itself.'),
}

type Members = z.output<z.ZodObject<typeof members>>

function whole({ present, uris, suites, components }: Members, check: z.RefinementCtx): void {
  if (!present) return
  if (uris === undefined) check.addIssue({ code: 'custom', path: ['uris'], message: 'a repository has an address' })
  if (suites === undefined) check.addIssue({ code: 'custom', path: ['suites'], message: 'a repository has at least one suite' })
  // A member that was refused is still as it was given.
  const folder = suites !== undefined && [suites].flat().every((suite) => suite.endsWith('/'))
  if (suites && !folder && components === undefined) check.addIssue({ code: 'custom', path: ['components'], message: 'a suite has components, unless it ends with /' })
  if (folder && components !== undefined) check.addIssue({ code: 'custom', path: ['components'], message: 'a suite that ends with / has no components' })
}

/** A repository of packages as it should be. */
export const repositorySchema = z
  .strictObject({ ...members, update: z.boolean().default(true).describe('Refreshes the package index after a change.') })
  .superRefine(whole)

/** The same as one of a list, for roles; the index is refreshed once for all of them. */
export const repositoryItem = z.strictObject(members).superRefine(whole)

export type Repository = z.output<typeof repositorySchema>
export type LoadedKey = Extract<NonNullable<Repository['key']>, { url: string }>
export type GivenKey = Exclude<NonNullable<Repository['key']>, { url: string }>
