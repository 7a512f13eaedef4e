import { createHash } from 'node:crypto'
import { isSecret } from '@chaos/core'
import type { Change, Elevation, Shown } from '@chaos/core'
import type { PlannedChange, PlannedValue } from '../events/events.ts'
import { removalsOf, takesAway } from './operation-run.ts'

/** Texts longer than this are told by size and hash alone. */
const MOST_TEXT = 256 * 1024

/** A change as listeners see it. A secret is only said to be one. */
export function plannedChange(change: Change): PlannedChange {
  const { summary, before, after, risk } = change
  const removed = removalsOf(change)
  return {
    summary,
    ...(before === undefined ? {} : { before: plannedValue(before) }),
    ...(after === undefined ? {} : { after: plannedValue(after) }),
    removes: takesAway(change),
    ...(removed.length === 0 ? {} : { removed: removed.map((each) => ({ ...each })) }),
    ...(risk === undefined ? {} : { risk }),
  }
}

function plannedValue(value: Shown): PlannedValue {
  if (value === null) return null
  if (isSecret(value)) return { secret: true }
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value)
  if (bytes.length <= MOST_TEXT) {
    const text = typeof value === 'string' ? value : readText(bytes)
    if (text !== undefined) return { text }
  }
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

function readText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Who it runs as, when that is not the login user. */
export function shownElevation(as: Elevation): { as?: Elevation } {
  return Object.keys(as).length === 0 ? {} : { as }
}
