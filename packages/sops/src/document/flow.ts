import { quoted } from './yaml-print.ts'
import type { Field } from '../keys/master-key.ts'
import type { Document, ListNode, MapNode } from './tree.ts'

/** The text with an entry more at the end of a root in braces: JSON, and YAML written so. */
export function appendToFlow({ text, root }: Document, key: string, value: Field): string {
  return insertIntoFlow(text, root, `${quoted(key)}: `, value, true)
}

/** The text with something more at the end of a map or list in braces, laid out as what stands in it. */
export function insertIntoFlow(text: string, container: MapNode | ListNode, label: string, value: Field, isRoot = false): string {
  const close = container.end - 1
  const items = container.items.filter((item) => item.kind !== 'comment').map((item) => (item.kind === 'entry' ? { start: item.keySpan.start, end: item.node.end } : item))
  const [first, last] = [items[0], items.at(-1)]
  // An empty root is a file, of lines; an empty map inside of it is part of one.
  const indent = first ? /\n([ \t]*)$/.exec(text.slice(0, first.start))?.[1] : container.start === 0 ? '\t' : undefined
  const json = indent === undefined ? JSON.stringify(value) : JSON.stringify(value, null, indent.startsWith('\t') ? '\t' : isRoot ? indent : 2).replaceAll('\n', `\n${indent}`)
  const at = last ? last.end : container.start + 1
  const between = text.slice(at, close).replace(/^\s*,/, '')
  const tail = indent === undefined ? between : between.trim() === '' && !between.includes('\n') ? '\n' : between
  return `${text.slice(0, at)}${last ? ',' : ''}${indent === undefined ? (last ? ' ' : '') : `\n${indent}`}${label}${json}${tail}${text.slice(close)}`
}

/** The text without an entry of a root in braces, and without the comma that joined it. */
export function removeFromFlow({ text, root }: Document, key: string): string {
  const entries = root.items.filter((item) => item.kind === 'entry')
  const index = entries.findIndex((entry) => entry.key === key)
  const entry = entries[index]
  if (!entry) return text
  const before = entries[index - 1]
  const after = entries[index + 1]
  if (before) return text.slice(0, before.node.end) + text.slice(entry.node.end)
  return after ? text.slice(0, entry.keySpan.start) + text.slice(after.keySpan.start) : text.slice(0, root.start + 1) + text.slice(root.end - 1)
}
