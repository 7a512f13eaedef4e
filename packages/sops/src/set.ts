import type { Secret } from '@chaos/core'
import { isSecret, revealSecret, secret } from '@chaos/core'
import { failure } from './failure.ts'
import { insertIntoFlow } from './document/flow.ts'
import { formatOf, parseDocument } from './document/format.ts'
import { span, splice } from './document/splice.ts'
import type { Document, Format, Leaf, ListNode, MapNode, Node } from './document/tree.ts'
import { appendToBlock, entry, lastOf, listItem } from './document/yaml-block.ts'
import { quoted } from './document/yaml-print.ts'
import type { Field } from './keys/master-key.ts'
import { shownPath } from './path.ts'
import type { SopsPath } from './path.ts'
import type { FileOptions } from './sops.ts'
import { bool, float, int, str } from './value/value.ts'
import type { Value } from './value/value.ts'

/**
 * A text in clear with one value more, or another one; all else stays as it is written. Maps on the way that are not there are
 * made; an index at the end of a list adds to it. Throws SOPS_PATH where something else stands in the way.
 */
export function setValue(plain: string | Secret, path: SopsPath, value: Secret | string | number | boolean, { file, format: name }: FileOptions): Secret {
  const format = formatOf(file, name)
  const text = isSecret(plain) ? revealSecret(plain) : plain
  return secret(set(parseDocument(text, file, format), path, isSecret(value) ? revealSecret(value) : value, format, file))
}

function set(document: Document, path: SopsPath, value: string | number | boolean, format: Format, file: string): string {
  const { text } = document
  const wrong = (message: string, hint: string): never => {
    throw failure('SOPS_PATH', file, { message: `${shownPath(path) || 'the root'} cannot be set: ${message}.`, hint, path })
  }
  if (path.length === 0 || path[0] === 'sops') wrong('it is the file itself, or its metadata', 'Name a key below it.')
  let container: MapNode | ListNode = document.root
  for (const [index, step] of path.entries()) {
    const found = child(container, step)
    if (found === undefined) {
      if (container.kind === 'list' && step !== lengthOf(container)) wrong(`the list has ${lengthOf(container)} items`, 'The next index adds an item.')
      if (container.kind === 'map' && typeof step !== 'string') wrong('there is a map, and an index has no place in it', 'Give a key.')
      return insert(text, container, step, nested(path.slice(index + 1), value, wrong))
    }
    const rest = path.slice(index + 1)
    if (rest.length === 0) {
      if (found.kind !== 'leaf') return wrong(`it holds a ${found.kind}`, 'Set the values below it, or edit the file.')
      return replace(text, found, container, format.print(valueOf(value), found, container, text))
    }
    if (found.kind === 'leaf') {
      if (found.value !== null) return wrong(`${shownPath(path.slice(0, index + 1))} is a value`, 'Edit the file to make a map of it.')
      return replace(text, found, container, JSON.stringify(nested(rest, value, wrong)))
    }
    container = found
  }
  return text
}

/** A value that is not written down (`key:`) has no signs to be replaced: spaces come around what is put there. */
function replace(text: string, leaf: Leaf, container: MapNode | ListNode, by: string): string {
  if (leaf.start < leaf.end) return splice(text, [{ ...span(leaf), by }])
  const bare = container.kind === 'map' && container.items.some((item) => item.kind === 'entry' && item.node === leaf && item.keySpan.end === leaf.start)
  const before = bare ? ': ' : /\s$/.test(text.slice(0, leaf.start)) ? '' : ' '
  return splice(text, [{ ...span(leaf), by: `${before}${by}${/^[^\s,}\]]/.test(text.slice(leaf.end)) ? ' ' : ''}` }])
}

function child(container: MapNode | ListNode, step: string | number): Node | undefined {
  if (container.kind === 'list') return container.items.filter((item) => item.kind !== 'comment')[Number(step)]
  const found = container.items.find((item) => item.kind === 'entry' && item.key === step)
  return found?.kind === 'entry' ? found.node : undefined
}

function lengthOf({ items }: ListNode): number {
  return items.filter((item) => item.kind !== 'comment').length
}

function nested(path: SopsPath, value: string | number | boolean, wrong: (message: string, hint: string) => never): Field {
  return path.toReversed().reduce<Field>((inner, step) => (step === 0 ? [inner] : typeof step === 'number' ? wrong('a new list begins at 0', 'Begin with [0].') : { [step]: inner }), value)
}

function insert(text: string, container: MapNode | ListNode, step: string | number, field: Field): string {
  if (container.flow) return insertIntoFlow(text, container, container.kind === 'map' ? `${quoted(String(step))}: ` : '', field)
  if (container.kind === 'map' && !container.items.some((item) => item.kind === 'entry')) return appendToBlock({ text, root: container }, String(step), field)
  const lines = container.kind === 'map' ? entry(String(step), field, container.column) : listItem(field, container.column)
  const lineEnd = text.indexOf('\n', lastOf(container))
  return lineEnd === -1 ? `${text}\n${lines}\n` : `${text.slice(0, lineEnd + 1)}${lines}\n${text.slice(lineEnd + 1)}`
}

function valueOf(value: string | number | boolean): Value {
  if (typeof value === 'string') return str(value)
  if (typeof value === 'boolean') return bool(value)
  return Number.isSafeInteger(value) ? int(BigInt(value)) : float(value)
}
