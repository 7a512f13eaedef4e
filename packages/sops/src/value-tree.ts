import type { Secret } from '@chaos/core'
import { secret } from '@chaos/core'
import type { Leaf, Node } from './document/tree.ts'
import { plainOf, shownText } from './value/value.ts'
import type { PlainValue, Value } from './value/value.ts'

export type PlainTree = PlainValue | null | PlainTree[] | { [key: string]: PlainTree }

/** What was encrypted is a Secret, what stood in clear is as it was. A number or truth value is a Secret of its text: `5`, `true`. */
export type SecretTree = Secret | PlainValue | null | SecretTree[] | { [key: string]: SecretTree }

/** A leaf, decrypted. */
export interface OpenedLeaf {
  value: Value | null
  encrypted: boolean
}

/** The tree of a file without its metadata; `leaf` makes each value. */
export function treeOf<T>(root: Node, leaf: (leaf: Leaf) => T): T | unknown[] | Record<string, unknown> {
  const tree = (node: Node): unknown => {
    if (node.kind === 'leaf') return leaf(node)
    if (node.kind === 'list') return node.items.flatMap((item) => (item.kind === 'comment' ? [] : [tree(item)]))
    // fromEntries defines properties: a key such as __proto__ is a key like any other.
    return Object.fromEntries(node.items.flatMap((item) => (item.kind === 'comment' || (node === root && item.key === 'sops') ? [] : [[item.key, tree(item.node)]])))
  }
  return tree(root) as T
}

export function plainLeaf({ value }: OpenedLeaf): PlainValue | null {
  return value && plainOf(value)
}

export function secretLeaf({ value, encrypted }: OpenedLeaf): Secret | PlainValue | null {
  return value === null ? null : encrypted ? secret(shownText(value)) : plainOf(value)
}
