import { ChaosError, secret } from '@chaos/core'
import type { ProviderContext, Secret } from '@chaos/core'
import * as z from '@chaos/operations/zod'
import { bw, settings } from './bw.ts'

/** An item of the vault; what is in it, by the names of its fields. */
export interface Item {
  id: string
  name: string
  /** The field that an item is asked for by its name alone. */
  main: string | undefined
  fields: readonly { name: string; value: Secret; empty: boolean }[]
  organization: string | undefined
  collections: readonly string[]
}

const text = z.string().nullish()
const printed = z.object({
  id: z.string().min(1),
  name: z.string(),
  type: z.number(),
  organizationId: text,
  collectionIds: z.array(z.string()).nullish(),
  notes: text,
  login: z.object({ username: text, password: text, totp: text, uris: z.array(z.object({ uri: text })).nullish() }).nullish(),
  sshKey: z.object({ privateKey: text, publicKey: text }).nullish(),
  fields: z.array(z.object({ name: text, value: text })).nullish(),
})

/** What the numbers of bw mean, as far as an item has one value that it is there for. */
const MAIN: Readonly<Record<number, string>> = { 1: 'password', 2: 'notes', 5: 'private_key' }

/** The items that the config lets see, read once in a run: a start of bw costs half a second, and one prints all. */
export async function itemsOf(context: ProviderContext): Promise<Item[]> {
  const { organization_id: organization, collection_id: collection } = settings(context)
  const all = await shared(context, () => listItems(context))
  if (organization === undefined) return all
  return all.filter((item) => item.organization === organization && (collection === undefined || item.collections.includes(collection)))
}

/** Reads the items anew, also for what is read later in the run. Gives them all, as a list that what is made may join. */
export async function refreshItems(context: ProviderContext): Promise<Item[]> {
  const fresh = await listItems(context)
  const all = await shared(context, async () => fresh)
  if (all !== fresh) all.splice(0, all.length, ...fresh)
  return all
}

function shared(context: ProviderContext, list: () => Promise<Item[]>): Promise<Item[]> {
  return context.cache(`provider-bitwarden:${settings(context).session_file ?? ''}`, list)
}

async function listItems(context: ProviderContext): Promise<Item[]> {
  return parsed(await bw(['list', 'items'], context), z.array(printed), 'bw list items').map(itemOf)
}

export function itemFrom(output: string, command: string): Item {
  return itemOf(parsed(output, printed, command))
}

function itemOf({ id, name, type, organizationId, collectionIds, notes, login, sshKey, fields }: z.infer<typeof printed>): Item {
  const own = { username: login?.username, password: login?.password, totp: login?.totp, uri: login?.uris?.[0]?.uri, private_key: sshKey?.privateKey, public_key: sshKey?.publicKey, notes }
  const named = [...Object.entries(own), ...(fields ?? []).map((field) => [field.name ?? '', field.value ?? ''] as const)]
  return {
    id,
    name,
    main: MAIN[type],
    fields: named.flatMap(([field, value]) => (typeof value === 'string' ? [{ name: field, value: secret(value), empty: value === '' }] : [])),
    organization: organizationId ?? undefined,
    collections: collectionIds ?? [],
  }
}

function parsed<T>(output: string, schema: z.ZodType<T>, command: string): T {
  let value: unknown
  try {
    value = JSON.parse(output)
  } catch {
    value = undefined
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  // No cause: it would hold pieces of the output.
  throw new ChaosError('BW_OUTPUT', { message: `${command} printed something else than what it should.`, hint: 'bw --version tells whether it is the command line of Bitwarden; 2024 or newer is meant.', details: { command } })
}
