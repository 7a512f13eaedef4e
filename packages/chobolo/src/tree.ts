import type { Path } from './path.ts'

/** A Ch-obolo before interpolation. Every node knows where it is written; an alias is the same node again. */
export type Node = ScalarNode | ListNode | MapNode

interface Written {
  /** Offset in the text. */
  readonly at: number
  /** Nodes in it, itself included, aliases counted out. */
  readonly size: number
  /** Levels below it. */
  readonly height: number
}

export interface ScalarNode extends Written {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** As it stands in the file, without quotes: `0644` where the value is 644; empty where nothing is written. */
  readonly source: string
}

export interface ListNode extends Written {
  readonly kind: 'list'
  readonly items: readonly Node[]
}

export interface MapNode extends Written {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, Entry>
}

export interface Entry {
  /** Offset of the key. */
  readonly at: number
  readonly value: Node
}

export function listNode(at: number, items: readonly Node[]): ListNode {
  return { kind: 'list', at, items, ...measure(items) }
}

export function mapNode(at: number, entries: ReadonlyMap<string, Entry>): MapNode {
  return { kind: 'map', at, entries, ...measure(Array.from(entries.values(), (entry) => entry.value)) }
}

/** The node at a path, with its key's place; undefined if nothing is there. */
export function find(root: Node, path: Path): Entry | undefined {
  let entry: Entry | undefined = { at: root.at, value: root }
  for (const key of path) {
    entry = child(entry.value, key)
    if (entry === undefined) return undefined
  }
  return entry
}

export function child(node: Node, key: string | number): Entry | undefined {
  if (node.kind === 'map') return node.entries.get(String(key))
  if (node.kind !== 'list') return undefined
  const item = node.items[Number(key)]
  return item && { at: item.at, value: item }
}

/** Plain data of a node, as written. */
export function plain(node: Node): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(plain)
  return Object.fromEntries(Array.from(node.entries, ([key, entry]) => [key, plain(entry.value)]))
}

/** What a node is, for people. */
export function describe(node: Node): string {
  if (node.kind !== 'scalar') return `a ${node.kind}`
  if (node.value === null) return node.source === '' ? 'empty' : 'null'
  if (typeof node.value === 'string') return 'a text'
  return typeof node.value === 'number' ? `the number ${node.value}` : String(node.value)
}

/** `over` laid on `base`: maps merge deep, anything else is replaced, by null too. */
export function overlay(base: Node, over: Node): Node {
  if (base.kind !== 'map' || over.kind !== 'map') return over
  const entries = new Map(base.entries)
  for (const [key, entry] of over.entries) {
    const below = base.entries.get(key)
    entries.set(key, below ? { at: entry.at, value: overlay(below.value, entry.value) } : entry)
  }
  return mapNode(over.at, entries)
}

function measure(children: readonly Node[]): { size: number; height: number } {
  let size = 1
  let height = 0
  for (const each of children) {
    size += each.size
    height = Math.max(height, each.height + 1)
  }
  return { size, height }
}
