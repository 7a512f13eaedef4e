import type { OperationOptions, RoleState } from '@chaos/core'
import type { WritePart } from '../session/contract.ts'
import type { Opening } from './opening.ts'
import { listed } from './operation-run.ts'

const VERSION = 1
const NOTHING: RoleState = { items: {} }

/** What roles remember on one host: read in the opening frame, written in the frame of the change. */
export interface RoleStates {
  of(role: string): RoleState
  /**
   * The write that follows a change; undefined when the operation neither remembers nor forgets. `before` are the options of what
   * is done in front of it in the same frame: what they remember is not known yet, and their write would be lost in this one.
   */
  write(role: string, options: OperationOptions, before?: readonly OperationOptions[]): WritePart | undefined
  /** Takes the write as done. */
  keep(role: string, options: OperationOptions): void
}

export function createRoleStates({ states, stateFolder, os }: Opening): RoleStates {
  const known = new Map<string, Record<string, unknown>>()
  for (const [role, text] of states) known.set(role, readItems(text))

  function after(role: string, all: readonly OperationOptions[]): Record<string, unknown> {
    const items = { ...known.get(role) }
    for (const { remember, forget } of all) {
      for (const { id, value = true } of listed(remember)) items[id] = value
      for (const id of listed(forget)) delete items[id]
    }
    return items
  }

  return {
    of: (role) => (known.has(role) ? { items: { ...known.get(role) } } : NOTHING),
    write(role, options, before = []) {
      const [remember, forget] = [listed(options.remember), listed(options.forget)]
      const have = after(role, before)
      // Nothing of it would change: no write, so that a run with nothing to do stays one.
      if (remember.length === 0 && !forget.some((id) => id in have)) return undefined
      return {
        kind: 'write',
        path: `${stateFolder}/state/${fileName(role)}.json`,
        content: new TextEncoder().encode(`${JSON.stringify({ version: VERSION, items: after(role, [...before, options]) })}\n`),
        // Whoever makes the change, the memory belongs to the login user, who reads it when the next run opens.
        owner: String(os.uid),
        group: String(os.gid),
        mode: '0600',
      }
    },
    keep: (role, options) => void known.set(role, after(role, [options])),
  }
}

function fileName(role: string): string {
  return role.toLowerCase().replaceAll(/[^a-z0-9_-]/g, '_')
}

/** Written by us, but on a machine that is not ours: anything odd counts as nothing remembered. */
function readItems(text: string): Record<string, unknown> {
  try {
    const { version, items } = JSON.parse(text) as { version?: unknown; items?: unknown }
    if (version !== VERSION || typeof items !== 'object' || items === null || Array.isArray(items)) return {}
    return Object.assign(Object.create(null) as Record<string, unknown>, items)
  } catch {
    return {}
  }
}
