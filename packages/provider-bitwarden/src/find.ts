import { ChaosError, nearest } from '@chaos/core'
import type { Secret } from '@chaos/core'
import type { Item } from './items.ts'

interface Reading {
  item: Item
  /** Undefined: the value that the item is there for. */
  field: string | undefined
}

const SYNC = 'bw sync fetches what is new.'

/**
 * The value of `ITEM` or `ITEM/FIELD`. Names may hold slashes, so that a reference may be read in several ways; it counts when exactly one
 * of them leads to something, for else somebody who adds an item could change what a reference means.
 */
export function valueOf(reference: string, items: readonly Item[]): Secret {
  const readings = readingsOf(reference, items)
  const there = readings.filter(({ item, field }) => field === undefined || has(item, field))
  if (there.length > 1) throw ambiguous(reference, there)
  const [reading] = there
  if (reading) return fieldOf(reading, reference)
  const [close] = readings
  throw close ? noField(reference, close) : noItem(reference, items)
}

/** Whether a new item of that name would be taken for one that is there. */
export const taken = (name: string, items: readonly Item[]): boolean => items.some((item) => item.name === name || item.id === name)

function readingsOf(reference: string, items: readonly Item[]): Reading[] {
  const slashes = Array.from(reference, (character, index) => (character === '/' ? index : -1)).filter((index) => index > 0 && index < reference.length - 1)
  const splits = [{ name: reference, field: undefined }, ...slashes.toReversed().map((index) => ({ name: reference.slice(0, index), field: reference.slice(index + 1) }))]
  return splits.flatMap(({ name, field }) => {
    const [byId] = items.filter(({ id }) => id === name)
    return (byId ? [byId] : items.filter((item) => item.name === name)).map((item) => ({ item, field }))
  })
}

const has = (item: Item, field: string): boolean => item.fields.some(({ name }) => name === field)

function fieldOf({ item, field = item.main }: Reading, reference: string): Secret {
  // What the item has of itself comes first; a field that somebody added with the same name follows.
  const found = item.fields.find(({ name }) => name === field)
  if (!found) throw noField(reference, { item, field })
  if (found.empty) throw new ChaosError('BW_EMPTY', { message: `The ${found.name} of the item ${item.name} is empty.`, hint: `Name another field of it: ${names(item)}. ${SYNC}`, details: { reference } })
  return found.value
}

function noField(reference: string, { item, field }: Reading): ChaosError {
  const [near] = nearest(field ?? '', item.fields.map(({ name }) => name))
  return new ChaosError('BW_FIELD_MISSING', {
    message: field === undefined ? `The item ${item.name} is neither a login, a note nor an SSH key: which of its fields is meant?` : `The item ${item.name} has no ${field}.`,
    hint: near === undefined ? `It has: ${names(item)}. ${SYNC}` : `Did you mean ${item.name}/${near}?`,
    details: { reference, item: item.id },
  })
}

function noItem(reference: string, items: readonly Item[]): ChaosError {
  const [near] = nearest(reference, items.map(({ name }) => name))
  const [item, field] = nearItem(reference, items)
  const meant = near ?? (item && `${item}/${field}`)
  return new ChaosError('BW_ITEM_MISSING', { message: `The vault has no item ${reference} that you may see.`, hint: meant ? `Did you mean ${meant}? If not: ${SYNC}` : `${SYNC} bw list items --search WORD shows what there is.`, details: { reference } })
}

/** The name before the last slash may be the one with the typing error. */
function nearItem(reference: string, items: readonly Item[]): [item?: string, field?: string] {
  const slash = reference.lastIndexOf('/')
  if (slash <= 0) return []
  const [near] = nearest(reference.slice(0, slash), items.map(({ name }) => name))
  return near === undefined ? [] : [near, reference.slice(slash + 1)]
}

function ambiguous(reference: string, readings: readonly Reading[]): ChaosError {
  const ways = readings.map(({ item, field }) => (field === undefined ? item.id : `${item.id}/${field}`))
  return new ChaosError('BW_AMBIGUOUS', { message: `${reference} could be ${ways.length} things in the vault.`, hint: `Name one by its id: ${ways.join(', ')}`, details: { reference, ways } })
}

const names = ({ fields }: Item): string => fields.filter(({ empty }) => !empty).map(({ name }) => name).join(', ') || 'nothing'
