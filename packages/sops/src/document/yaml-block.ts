import type { Field } from '../keys/master-key.ts'
import type { Document, MapNode, Node } from './tree.ts'
import { str } from '../value/value.ts'
import { printYaml } from './yaml-print.ts'

/** The text with an entry more at the end of a root in lines. */
export function appendToBlock({ text, root }: Document, key: string, value: Field): string {
  // What ends the document explicitly stays behind it.
  const from = root.items.some((item) => item.kind === 'entry') ? lastOf(root) : 0
  const close = /^\.\.\.[ \t\r]*$/m.exec(text.slice(from))
  const at = close ? from + close.index : text.length
  const head = text.slice(0, at)
  return `${head}${head === '' || head.endsWith('\n') ? '' : '\n'}${entry(key, value, root.items.length === 0 ? 0 : root.column)}\n${text.slice(at)}`
}

/** The text without the lines of an entry of the root. */
export function removeFromBlock({ text, root }: Document, key: string): string {
  const found = root.items.find((item) => item.kind === 'entry' && item.key === key)
  if (found?.kind !== 'entry') return text
  const start = text.lastIndexOf('\n', found.keySpan.start - 1) + 1
  const lineEnd = text.indexOf('\n', lastOf(found.node))
  return text.slice(0, start) + (lineEnd === -1 ? '' : text.slice(lineEnd + 1))
}

/** Behind the last thing that stands in a node. */
export function lastOf(node: Node | MapNode): number {
  if (node.kind === 'leaf' || node.flow) return node.end
  const last = node.items.findLast((item) => item.kind !== 'comment')
  return last === undefined ? node.end : lastOf(last.kind === 'entry' ? last.node : last)
}

/** The lines of an entry, its key at `column`. */
export function entry(key: string, value: Field, column: number): string {
  const indent = ' '.repeat(column)
  if (Array.isArray(value)) {
    const list = value as readonly Field[]
    if (list.length === 0) return `${indent}${name(key)}: []`
    return [`${indent}${name(key)}:`, ...list.map((item) => listItem(item, column + 4))].join('\n')
  }
  if (typeof value === 'object') return [`${indent}${name(key)}:`, ...Object.entries(value).map(([inner, field]) => entry(inner, field, column + 4))].join('\n')
  return `${indent}${name(key)}: ${scalar(value, column)}`
}

/** The lines of an item of a list, its dash at `column`. */
export function listItem(item: Field, column: number): string {
  if (typeof item !== 'object') return `${' '.repeat(column)}- ${scalar(item, column)}`
  const lines = Object.entries(item).map(([inner, field]) => entry(inner, field, column + 2))
  return lines.join('\n').replace(/^ +/, `${' '.repeat(column)}- `)
}

function name(key: string): string {
  return printYaml(str(key), { flow: true, column: 0, alone: false })
}

function scalar(value: string | number | boolean, column: number): string {
  return typeof value === 'string' ? printYaml(str(value), { flow: false, column, alone: true }) : String(value)
}
