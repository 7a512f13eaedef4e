import { ChaosError } from '@chaos/core'
import type { ProviderContext, Secret } from '@chaos/core'
import * as z from '@chaos/operations/zod'
import { FIELD } from './config.ts'
import { parsed } from './json.ts'
import { op, settings } from './op.ts'

const listed = z.array(z.object({ id: z.string(), title: z.string() }))
const made = z.object({ id: z.string().regex(/^[A-Za-z0-9]+$/) })

/**
 * Makes an item of that title with the value in its field, and gives the reference of the field, by the item's id. Throws `OP_VAULT`, `OP_TITLE`,
 * `OP_EMPTY`, `OP_EXISTS` and what op refuses.
 */
export async function writeItem(title: string, value: Secret, context: ProviderContext): Promise<string> {
  const { vault, field = FIELD } = settings(context)
  if (vault === undefined) throw new ChaosError('OP_VAULT', { message: `${title} cannot be written: no vault is configured.`, hint: 'Name one in the config: vault. op vault list shows which there are.', details: { title } })
  if (title.trim() === '') throw new ChaosError('OP_TITLE', { message: 'An item needs a title.', hint: 'Give it one that is not empty.' })
  const template = value.map((text) => {
    if (text === '') throw new ChaosError('OP_EMPTY', { message: `${title} was not written: the secret is empty.`, hint: 'Give it a value.', details: { title } })
    return JSON.stringify({ title, category: 'SECURE_NOTE', fields: [fieldOf(field, text)] })
  })
  const about = `The item ${title} of the vault ${vault}`
  const items = parsed(await op(['item', 'list', '--vault', vault, '--format', 'json'], context, { about }), listed, 'op item list')
  if (items.some((item) => item.title === title || item.id === title)) {
    throw new ChaosError('OP_EXISTS', { message: `The vault ${vault} has an item ${title} already; nothing was written.`, hint: 'Take another title, or archive that item: op item delete ID --archive', details: { title, vault } })
  }
  const { id } = parsed(await op(['item', 'create', '--vault', vault, '--format', 'json', '-'], context, { about, stdin: template }), made, 'op item create')
  return `op://${vault}/${id}/${field}`
}

function fieldOf(name: string, value: string): object {
  if (name === FIELD) return { id: FIELD, type: 'STRING', purpose: 'NOTES', label: FIELD, value }
  return { id: name, type: 'CONCEALED', label: name, value }
}
