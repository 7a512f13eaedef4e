import type { Path } from './path.ts'
import { child } from './tree.ts'
import type { Node } from './tree.ts'

/** A node where it stands: one node can stand in several places, by aliases, and `${.sibling}` means another thing in each. */
export interface Place {
  readonly node: Node
  readonly parent: Place | undefined
  readonly key: string | number
  readonly children: Map<string, Place>
}

export function rootPlace(node: Node): Place {
  return { node, parent: undefined, key: '', children: new Map() }
}

/** The place below, always the same object; undefined if nothing is there. */
export function placeBelow(parent: Place, key: string | number): Place | undefined {
  const known = parent.children.get(String(key))
  if (known) return known
  if (parent.node.kind === 'list' && !/^\d+$/.test(String(key))) return undefined
  const entry = child(parent.node, key)
  if (!entry) return undefined
  const place: Place = { node: entry.value, parent, key: parent.node.kind === 'list' ? Number(key) : key, children: new Map() }
  parent.children.set(String(key), place)
  return place
}

export function pathOf(place: Place): Path {
  const path: (string | number)[] = []
  for (let at = place; at.parent !== undefined; at = at.parent) path.unshift(at.key)
  return path
}
