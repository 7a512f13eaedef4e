import type { HostReference } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import { NotPlain, plainData } from './plain-data.ts'

/** More hosts than this from one boat or expansion are a mistake. */
export const MAX_HOSTS = 10_000

/** A host reference that was checked: names of groups are text, data are plain. */
export interface CheckedReference {
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
  readonly groups: readonly string[]
}

/** Checks a reference as hostile data. `source` says where it comes from: `the boat http`. */
export function checkReference(value: unknown, source: string): CheckedReference {
  const { name, data = {}, groups = [] } = (typeof value === 'object' && value !== null ? value : {}) as Partial<HostReference>
  if (typeof name !== 'string') throw refused(source, 'a host without a name')
  if (!Array.isArray(groups) || groups.length > 1000 || !groups.every((each) => typeof each === 'string' && /^[\p{L}\p{N}._/:@-]{1,200}$/u.test(each))) {
    throw refused(source, `groups of ${JSON.stringify(name)} that are no list of names`)
  }
  try {
    return { name, data: plainData(data), groups: [...groups] }
  } catch (error) {
    if (error instanceof NotPlain) throw refused(source, `data of ${JSON.stringify(name)} that cannot be used: it ${error.message}`)
    throw error
  }
}

function refused(source: string, what: string): ChaosError {
  return new ChaosError('HOST_REFERENCE', {
    message: `${source} gave ${what}.`.replace(/^./, (first) => first.toUpperCase()),
    hint: 'A host is { name, data: { … }, groups: [ … ] }, and data are text, numbers, booleans, lists and maps.',
  })
}
