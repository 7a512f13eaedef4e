import { ChaosError } from '@chaos/core'
import { FIELD } from './config.ts'
import type { OnePasswordConfig } from './config.ts'

const SCHEME = 'op://'

/**
 * The reference as op takes it: op://VAULT/ITEM/[SECTION/]FIELD[?attribute=…]. What a short one leaves out comes from the config: of one part
 * or two, with a `vault` there, the vault; else of two the field.
 */
export function fullReference(reference: string, { vault, field = FIELD }: OnePasswordConfig): string {
  const [path, query] = split(reference.startsWith(SCHEME) ? reference.slice(SCHEME.length) : reference)
  const parts = path.split('/')
  const short = !reference.startsWith(SCHEME)
  if (short && vault !== undefined && parts.length <= 2) parts.unshift(vault)
  if (parts.length === 2) parts.push(field)
  if (reference.includes('\0') || parts.length < 3 || parts.length > 4 || parts.some((part) => part.trim() === '')) throw notOne(reference, vault)
  return `${SCHEME}${parts.join('/')}${query === undefined ? '' : `?${query}`}`
}

function split(text: string): [path: string, query?: string] {
  const at = text.indexOf('?')
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

function notOne(reference: string, vault: string | undefined): ChaosError {
  return new ChaosError('OP_REFERENCE', {
    message: `${JSON.stringify(reference)} names no field of an item.`,
    hint: `Write VAULT/ITEM/FIELD or VAULT/ITEM/SECTION/FIELD${vault === undefined ? '; with a vault in the config, ITEM is enough' : ', or ITEM, or ITEM/FIELD'}. A name with a slash in it is given by its id.`,
    details: { reference },
  })
}
