import { isSecret } from '@chaos/core'

const MAX_DEPTH = 20
const MAX_VALUES = 10_000
const MAX_TEXT = 1_000_000

/** What was found that is no plain data: a sentence without its subject. */
export class NotPlain extends Error {}

/**
 * A copy of data that came from outside: only text, numbers, booleans, null, lists, maps and Secrets, bounded in depth
 * and size, in objects without a prototype. Throws {@link NotPlain}.
 */
export function plainData(value: unknown): Record<string, unknown> {
  const budget = { values: 0, text: 0 }
  if (!isMap(value)) throw new NotPlain('is not a map')
  return copyMap(value, 0, budget)
}

interface Budget {
  values: number
  text: number
}

function copy(value: unknown, depth: number, budget: Budget): unknown {
  if (depth > MAX_DEPTH) throw new NotPlain(`is nested more than ${MAX_DEPTH} deep`)
  if (++budget.values > MAX_VALUES) throw new NotPlain(`holds more than ${MAX_VALUES} values`)
  if (value === null || value === undefined || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'string') {
    budget.text += value.length
    if (budget.text > MAX_TEXT) throw new NotPlain(`holds more than ${MAX_TEXT} characters`)
    return value
  }
  // JSON can write the key that marks a Secret, but only core makes it invisible.
  if (isSecret(value) && !Object.keys(value).includes('~chaos')) return value
  if (Array.isArray(value)) return value.map((each) => copy(each, depth + 1, budget))
  if (isMap(value)) return copyMap(value, depth + 1, budget)
  throw new NotPlain(`holds a ${typeof value}${typeof value === 'object' ? ` (${value.constructor?.name ?? 'unknown'})` : ''}`)
}

function copyMap(value: object, depth: number, budget: Budget): Record<string, unknown> {
  const result = Object.create(null) as Record<string, unknown>
  for (const [key, each] of Object.entries(value)) {
    if (key === '__proto__' || key.startsWith('~')) throw new NotPlain(`has the key ${JSON.stringify(key)}`)
    const copied = copy(each, depth, budget)
    if (copied !== undefined) result[key] = copied
  }
  return result
}

function isMap(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value) as unknown
  // The prototype's own prototype: a map of another realm (a vm, a test runner) is a map as well.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
