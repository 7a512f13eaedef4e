import { failure } from '../failure.ts'
import type { Value } from '../value/value.ts'
import { bool, float, int, isInt64, shownText, str } from '../value/value.ts'
import { appendToFlow, removeFromFlow } from './flow.ts'
import { MAX_DEPTH, position, refuseDepth } from './limits.ts'
import type { Document, Entry, Format, Leaf, ListNode, MapNode, Node } from './tree.ts'

const STRING = /"(?:[^"\\\p{Cc}]|[\x7F-\x9F]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y
const SPACE = /[ \t\n\r]*/y

/** JSON with the places of what it holds. Node's parser gives no places, and takes the last of two equal keys. */
export const json: Format = {
  name: 'json',
  parse,
  print: (value) => printJson(value),
  printEncrypted: (encrypted) => JSON.stringify(encrypted),
  append: appendToFlow,
  remove: removeFromFlow,
}

function printJson(value: Value): string {
  const text = shownText(value)
  const isText = value.type === 'str' || value.type === 'time' || /n/i.test(value.type === 'float' ? text : '')
  return isText ? JSON.stringify(text) : text
}

function parse(text: string, file: string): Document {
  let at = 0
  const wrong = (message: string): never => {
    throw failure('SOPS_SYNTAX', file, { message: `it is no JSON: ${message}.`, hint: 'Look at the line; a comma behind the last item is none of JSON.', at: position(text, at) })
  }
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    at += found?.length ?? 0
    return found
  }
  const skip = (sign: string): boolean => {
    take(SPACE)
    if (text[at] !== sign) return false
    at++
    take(SPACE)
    return true
  }

  const node = (depth: number): Node => {
    if (depth > MAX_DEPTH) refuseDepth(file)
    take(SPACE)
    const start = at
    if (skip('{')) return map(start, depth)
    if (skip('[')) return list(start, depth)
    const string = take(STRING)
    const scalar = string === undefined ? (take(SCALAR) ?? wrong('a value is missing')) : JSON.parse(string) as string
    return { kind: 'leaf', start, end: at, value: string === undefined ? resolve(scalar) : str(scalar) } satisfies Leaf
  }

  const map = (start: number, depth: number): MapNode => {
    const items: Entry[] = []
    const keys = new Set<string>()
    if (!skip('}')) {
      do {
        const keyStart = at
        const source = take(STRING) ?? wrong('a key in double quotes is missing')
        const keySpan = { start: keyStart, end: at }
        const key = JSON.parse(source) as string
        if (keys.has(key)) throw failure('SOPS_DUPLICATE_KEY', file, { message: `the key ${key} stands twice in one map.`, hint: 'Remove one of them.', at: position(text, keyStart) })
        keys.add(key)
        if (!skip(':')) wrong('a colon is missing')
        items.push({ kind: 'entry', key, keySpan, node: node(depth + 1) })
      } while (skip(','))
      take(SPACE)
      if (text[at++] !== '}') wrong('a closing brace or a comma is missing')
    }
    return { kind: 'map', items, start, end: endOf(start, '}'), flow: true, column: 0 }
  }

  const list = (start: number, depth: number): ListNode => {
    const items: Node[] = []
    if (!skip(']')) {
      do items.push(node(depth + 1))
      while (skip(','))
      take(SPACE)
      if (text[at++] !== ']') wrong('a closing bracket or a comma is missing')
    }
    return { kind: 'list', items, start, end: endOf(start, ']'), flow: true, column: 0 }
  }

  /** Behind the sign that closes what began at `start`: spaces behind it may have been taken too. */
  const endOf = (start: number, close: string): number => Math.max(start, text.lastIndexOf(close, at - 1)) + 1

  const root = node(0)
  take(SPACE)
  if (at < text.length) wrong('something follows its end')
  if (root.kind !== 'map') throw failure('SOPS_UNSUPPORTED', file, { message: 'sops encrypts maps; this is a list or a value.', hint: 'Wrap it: {"data": …}' })
  return { text, root }
}

function resolve(scalar: string): Value | null {
  if (scalar === 'null') return null
  if (scalar === 'true' || scalar === 'false') return bool(scalar === 'true')
  if (/^-?\d+$/.test(scalar) && isInt64(BigInt(scalar))) return int(BigInt(scalar))
  return float(Number(scalar))
}
