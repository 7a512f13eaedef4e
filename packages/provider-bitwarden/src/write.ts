import { Buffer } from 'node:buffer'
import { ChaosError } from '@chaos/core'
import type { ProviderContext, Secret } from '@chaos/core'
import { bw, settings } from './bw.ts'
import { taken } from './find.ts'
import { itemFrom, itemsOf, refreshItems } from './items.ts'

/** Makes a secure note with the value in its notes, and gives its id. Throws `BW_NAME`, `BW_EXISTS`, `BW_EMPTY`, `BW_COLLECTION`. */
export async function writeItem(name: string, value: Secret, context: ProviderContext): Promise<string> {
  const { organization_id: organizationId, collection_id: collectionId } = settings(context)
  if (name.trim() === '') throw new ChaosError('BW_NAME', { message: 'An item needs a name.', hint: 'Give it one that is not empty.' })
  if (organizationId !== undefined && collectionId === undefined) {
    throw new ChaosError('BW_COLLECTION', { message: `${name} cannot be written: what belongs to an organization lies in a collection.`, hint: 'Name it in the config: collection_id. bw list collections shows their ids.', details: { name } })
  }
  const template = value.map((notes) => {
    if (notes === '') throw new ChaosError('BW_EMPTY', { message: `${name} was not written: the secret is empty.`, hint: 'Give it a value.', details: { name } })
    const item = { type: 2, name, notes, secureNote: { type: 0 }, favorite: false, reprompt: 0, ...(organizationId !== undefined && { organizationId, collectionIds: [collectionId] }) }
    return Buffer.from(JSON.stringify(item)).toString('base64')
  })
  // Somebody else may have made one of that name since bw looked last.
  await bw(['sync'], context)
  const all = await refreshItems(context)
  if (taken(name, await itemsOf(context))) throw new ChaosError('BW_EXISTS', { message: `The vault has an item ${name} already; nothing was written.`, hint: 'Take another name, or remove that item: bw delete item ID', details: { name } })
  const made = itemFrom(await bw(['create', 'item'], context, { stdin: template }), 'bw create item')
  all.push(made)
  return made.id
}
