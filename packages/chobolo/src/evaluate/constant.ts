import { isTemplate } from '../expression.ts'
import type { Node } from '../tree.ts'
import type { Memory } from './contract.ts'

const constants = new WeakMap<Node, boolean>()

/** Whether a node holds nothing to interpolate. Asked of each node once. */
export function isConstant(node: Node): boolean {
  if (node.kind === 'scalar') return typeof node.value !== 'string' || (node.value !== '???' && !isTemplate(node.value))
  const known = constants.get(node)
  if (known !== undefined) return known
  const children = node.kind === 'list' ? node.items : Array.from(node.entries.values(), (entry) => entry.value)
  const found = children.every(isConstant)
  constants.set(node, found)
  return found
}

/** The value of such a node. */
export function constantValue(node: Node, memory: Memory): unknown {
  if (node.kind === 'scalar') return node.value
  const known = memory.constant.get(node)
  if (known !== undefined) return known
  const inner = (below: Node): unknown => constantValue(below, memory)
  const value = node.kind === 'list' ? node.items.map(inner) : Object.fromEntries(Array.from(node.entries, ([key, entry]) => [key, inner(entry.value)]))
  memory.constant.set(node, Object.freeze(value))
  memory.origins.set(value, node)
  return value
}
