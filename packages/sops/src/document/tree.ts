import type { Field } from '../keys/master-key.ts'
import type { Value } from '../value/value.ts'

/** Where something stands in the text: offsets of its first character and of the one behind its last. */
export interface Span {
  start: number
  end: number
}

/** A scalar. `null` stays null: sops neither encrypts nor counts it. */
export interface Leaf extends Span {
  kind: 'leaf'
  value: Value | null
}

/** A comment of YAML, without its `#`; the span has it. */
export interface Comment extends Span {
  kind: 'comment'
  text: string
}

export interface Entry {
  kind: 'entry'
  key: string
  keySpan: Span
  node: Node
}

export interface MapNode extends Span {
  kind: 'map'
  items: (Entry | Comment)[]
  /** Written in braces. */
  flow: boolean
  /** Column of its keys, from 0. Means nothing for flow. */
  column: number
}

export interface ListNode extends Span {
  kind: 'list'
  items: (Node | Comment)[]
  flow: boolean
  /** Column of its dashes, from 0. Means nothing for flow. */
  column: number
}

export type Node = Leaf | MapNode | ListNode

/** A text with what stands in it. It is changed by replacing spans, so that everything else stays as it was written. */
export interface Document {
  text: string
  root: MapNode
}

/** What a format can do. */
export interface Format {
  name: 'yaml' | 'json'
  /** Throws SOPS_SYNTAX, SOPS_DUPLICATE_KEY, SOPS_UNSUPPORTED. */
  parse(text: string, file: string): Document
  /** A value as it stands at the place of `leaf`. */
  print(value: Value, leaf: Leaf, parent: MapNode | ListNode, text: string): string
  /** An encrypted text as it stands at the place of `leaf`. */
  printEncrypted(encrypted: string, leaf: Leaf, parent: MapNode | ListNode, text: string): string
  /** The text with an entry more at its end. */
  append(document: Document, key: string, value: Field): string
  /** The text without an entry of the root. */
  remove(document: Document, key: string): string
}
