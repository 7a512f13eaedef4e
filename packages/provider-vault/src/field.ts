import { ChaosError, nearest, secret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { isLossless } from './json.ts'
import type { Kept } from './read.ts'
import { WHOLE } from './reference.ts'
import type { Reference } from './reference.ts'

/** How many names of fields a message tells. */
const SHOWN = 20

/** The field that is named, or the only one; or all of them as JSON. */
export function fieldOf({ data, exact }: Kept, reference: Reference): Secret {
  const names = Object.keys(data)
  const failed = (code: string, message: string, hint: string): ChaosError => new ChaosError(code, { message, hint, details: { reference: reference.text, fields: names.slice(0, SHOWN) } })
  if (reference.field === WHOLE) {
    if (isLossless(data, exact)) return secret(JSON.stringify(data))
    throw failed('VAULT_NO_TEXT', `${reference.path} has a number that JavaScript would round, so its JSON cannot be given.`, `Name a field: ${reference.path}#NAME`)
  }
  const name = reference.field ?? (names.length === 1 ? names[0] : undefined)
  if (name === undefined) throw failed('VAULT_FIELD', `${reference.path} has ${names.length === 0 ? 'no fields' : `more than one field: ${list(names)}`}.`, `Name one: ${reference.path}#${names[0] ?? 'NAME'}`)
  if (!Object.hasOwn(data, name)) {
    const [meant] = nearest(name, names)
    throw failed('VAULT_FIELD', `${reference.path} has no field ${name}.`, meant === undefined ? `It has ${list(names)}.` : `Did you mean ${meant}? It has ${list(names)}.`)
  }
  const value = data[name]
  if (typeof value === 'string') return secret(value)
  // As it was written: 1.50 is not 1.5.
  if (typeof value === 'number') return secret(String((exact as Record<string, unknown>)[name]))
  if (typeof value === 'boolean') return secret(String(value))
  throw failed('VAULT_NO_TEXT', `The field ${name} of ${reference.path} holds ${value === null ? 'nothing' : Array.isArray(value) ? 'a list' : 'a map'}, no text.`, `The whole secret can be had as JSON: ${reference.path}#${WHOLE}`)
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : `${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''}`
}
