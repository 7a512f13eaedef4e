import { Composer, Lexer, Parser, isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { CST, Node as YamlNode, Scalar } from 'yaml'
import { failure } from '../failure.ts'
import type { Value } from '../value/value.ts'
import { str } from '../value/value.ts'
import { appendToFlow, removeFromFlow } from './flow.ts'
import { MAX_DEPTH, position, refuseDepth } from './limits.ts'
import { appendToBlock, removeFromBlock } from './yaml-block.ts'
import { placeComments } from './yaml-comments.ts'
import { printYaml, quoted } from './yaml-print.ts'
import type { Place } from './yaml-print.ts'
import { TOO_LARGE, resolvePlain } from './yaml-resolve.ts'
import type { Document, Entry, Format, Leaf, ListNode, MapNode, Node } from './tree.ts'

/** YAML as sops reads it: one document, a map, keys that are texts, no tags, anchors or aliases. */
export const yaml: Format = {
  name: 'yaml',
  parse,
  print: (value, leaf, parent, text) => printYaml(value, placeOf(leaf, parent, text)),
  printEncrypted: (encrypted, _leaf, parent) => (parent.flow ? quoted(encrypted) : encrypted),
  append: (document, key, value) => (document.root.flow ? appendToFlow : appendToBlock)(document, key, value),
  remove: (document, key) => (document.root.flow ? removeFromFlow : removeFromBlock)(document, key),
}

function placeOf(leaf: Leaf, parent: MapNode | ListNode, text: string): Place {
  return { flow: parent.flow, column: parent.column, alone: /^[ \t\r]*(\n|$)/.test(text.slice(leaf.end)) }
}

function parse(text: string, file: string): Document {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token)
    // Before composing, which recurses.
    if (parser.stack.length > MAX_DEPTH + 1) refuseDepth(file)
  }
  tokens.push(...parser.end())
  // The failsafe schema leaves scalars as they are written; what they mean is decided as sops does.
  const composer = new Composer({ version: '1.2', schema: 'failsafe', merge: false, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' })
  const [document, second] = [...composer.compose(tokens, true, text.length)]
  const [error] = document?.errors ?? []
  // The parser's own sentence may quote what it stumbled on.
  if (error) throw failure('SOPS_SYNTAX', file, { message: `it is no YAML (${error.code.toLowerCase().replaceAll('_', ' ')}).`, hint: 'Look at the line; a text with ": " or " #" in it needs quotes.', at: position(text, error.pos[0]) })
  if (second) throw failure('SOPS_UNSUPPORTED', file, { message: 'it has several YAML documents.', hint: 'Put each in a file of its own.', at: position(text, second.range[0]) })
  const contents = document?.contents
  if (!contents || (isScalar(contents) && contents.value === '')) return { text, root: withComments({ kind: 'map', items: [], start: text.length, end: text.length, flow: false, column: 0 }, text) }
  const root = convert(contents, text, file)
  if (root.kind !== 'map') throw failure('SOPS_UNSUPPORTED', file, { message: 'sops encrypts maps; this is a list or a value.', hint: 'Put it under a key.' })
  return { text, root: withComments(root, text) }
}

function withComments(root: MapNode, text: string): MapNode {
  placeComments(root, text)
  return root
}

function convert(node: YamlNode, text: string, file: string): Node {
  const [start, end] = node.range as [number, number, number]
  const refuse = (what: string, hint: string): never => {
    throw failure('SOPS_UNSUPPORTED', file, { message: `sops keeps no ${what}.`, hint, at: position(text, start) })
  }
  if (isAlias(node) || ('anchor' in node && node.anchor !== undefined)) return refuse('anchors and aliases', 'Write the value out.')
  if ('tag' in node && node.tag !== undefined) return refuse('tags', 'Remove the tag; put a text in quotes.')
  if (isScalar(node)) return leaf(node as Scalar<string>, text, file)
  if (isSeq(node)) {
    const items = node.items.map((item) => convert(item as YamlNode, text, file))
    return { kind: 'list', items, start, end, ...layoutOf(node.flow, start, text) }
  }
  if (!isMap(node)) return refuse('such nodes', 'Use maps, lists and values.')
  const keys = new Set<string>()
  const items = node.items.map((pair): Entry => {
    const key = keyOf(pair.key as YamlNode, text, file)
    if (keys.has(key.text)) throw failure('SOPS_DUPLICATE_KEY', file, { message: `the key ${key.text} stands twice in one map.`, hint: 'Remove one of them.', at: position(text, key.start) })
    keys.add(key.text)
    const keySpan = { start: key.start, end: key.end }
    const value = pair.value as YamlNode | null
    return { kind: 'entry', key: key.text, keySpan, node: value ? convert(value, text, file) : { kind: 'leaf', value: null, start: key.end, end: key.end } }
  })
  return { kind: 'map', items, start, end, ...layoutOf(node.flow, start, text) }
}

/** Columns count for lines alone; to look for the begin of one for every item of a long line would take its square. */
function layoutOf(flow: boolean | undefined, start: number, text: string): { flow: boolean; column: number } {
  return flow === true ? { flow, column: 0 } : { flow: false, column: start - (text.lastIndexOf('\n', start - 1) + 1) }
}

function keyOf(node: YamlNode | null, text: string, file: string): { text: string; start: number; end: number } {
  const [start, end] = node?.range ?? [0, 0]
  const value = isScalar(node) && !node.anchor && node.tag === undefined ? resolved(node as Scalar<string>) : undefined
  if (!value || value === TOO_LARGE || value.type !== 'str') {
    throw failure('SOPS_UNSUPPORTED', file, { message: 'a key is no text.', hint: 'Put it in quotes.', at: position(text, start) })
  }
  if (/\p{Cs}/u.test(value.text)) throw failure('SOPS_TEXT', file, { message: 'a key is no Unicode text.', at: position(text, start) })
  return { text: value.text, start, end }
}

function resolved(node: Scalar<string>): Value | null | typeof TOO_LARGE {
  return node.type === 'PLAIN' ? resolvePlain(node.value) : str(node.value)
}

function leaf(node: Scalar<string>, text: string, file: string): Leaf {
  const [start, end] = node.range as [number, number, number]
  const value = resolved(node)
  if (value === TOO_LARGE) {
    throw failure('SOPS_UNSUPPORTED', file, { message: 'sops has no whole numbers beyond 64 bits.', hint: 'Put it in quotes.', at: position(text, start) })
  }
  // The line ends behind a block are no part of what is replaced.
  const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED'
  return { kind: 'leaf', value, start, end: isBlock ? start + text.slice(start, end).trimEnd().length : end }
}
