import type { Alias, Document, Node as YamlNode, Pair, ParsedNode, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { MAX_ALIASED, MAX_DEPTH } from './limits.ts'
import type { Problem } from './problem.ts'
import type { Source } from './source.ts'
import { describe, listNode, mapNode } from './tree.ts'
import type { Entry, MapNode, Node, ScalarNode } from './tree.ts'

const TAGS = new Set(['map', 'seq', 'str', 'int', 'float', 'bool', 'null'].map((name) => `tag:yaml.org,2002:${name}`))

/** Makes our tree of the library's: aliases and merge keys carried out within a budget, keys texts and unique. */
export async function buildTree(document: Document.Parsed, source: Source): Promise<{ root: Node; problems: Problem[] }> {
  const { isAlias, isMap, isScalar, isSeq } = await import('yaml')
  const problems: Problem[] = []
  const anchors = new Map<string, Node | 'open'>()
  let aliased = 0
  let exhausted = false

  function problem(code: string, at: number, message: string, hint: string): void {
    problems.push({ code, severity: 'error', message, hint, position: source.position(at) })
  }

  function build(node: ParsedNode | YamlNode | null | undefined, at: number, depth: number): Node {
    if (node === null || node === undefined) return nothing(at)
    if (isAlias(node)) return alias(node, depth)
    const { anchor, tag } = node
    if (anchor !== undefined) anchors.set(anchor, 'open')
    const built = isMap(node) ? map(node, depth) : isSeq(node) ? list(node, depth) : isScalar(node) ? scalar(node) : nothing(at)
    if (tag !== undefined && !TAGS.has(tag)) {
      problem('YAML_TAG', offset(node), `The tag ${tag.replace('tag:yaml.org,2002:', '!!')} is not understood here.`, 'Remove it; texts, numbers, true, false, null, lists and maps are all there is.')
    }
    if (anchor !== undefined) anchors.set(anchor, built)
    return built
  }

  function alias(node: Alias, depth: number): Node {
    const at = offset(node)
    const found = anchors.get(node.source)
    if (found === undefined) problem('YAML_ALIAS', at, `The alias *${node.source} has no anchor &${node.source} before it.`, 'Put the value in quotes if the * belongs to it.')
    else if (found === 'open') problem('YAML_ALIAS', at, `The alias *${node.source} stands inside of what it names.`, 'Remove it: it would never end.')
    else if (depth + found.height > MAX_DEPTH) problem('YAML_DEPTH', at, `There are more than ${MAX_DEPTH} maps and lists inside each other.`, 'Write it flatter.')
    else if (spend(found.size, at)) return found
    return nothing(at)
  }

  function spend(size: number, at: number): boolean {
    aliased += size
    if (aliased > MAX_ALIASED && !exhausted) {
      exhausted = true
      problem('YAML_ALIASES', at, `Aliases and merge keys make more than ${MAX_ALIASED} values of this file.`, 'Use an interpolation, ${key}, instead of repeating large parts.')
    }
    return !exhausted
  }

  function scalar(node: Scalar): ScalarNode {
    const at = offset(node)
    const { value } = node
    const source = node.source ?? ''
    if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) {
      problem('YAML_TEXT', at, 'This text holds half of a surrogate pair, which is no character.', 'Write the character itself, or its code as \\U0001F600.')
    }
    const known = value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    return { kind: 'scalar', at, size: 1, height: 0, value: known ? value : null, source }
  }

  function list(node: YAMLSeq, depth: number): Node {
    const at = offset(node)
    return listNode(at, node.items.map((item) => build(item as ParsedNode | null, at, depth + 1)))
  }

  function map(node: YAMLMap, depth: number): MapNode {
    const entries = new Map<string, Entry>()
    const merged: Entry[] = []
    for (const pair of node.items as Pair<ParsedNode, ParsedNode | null>[]) {
      const at = pair.key === null ? offset(node) : offset(pair.key)
      if (!isScalar(pair.key)) {
        problem('YAML_KEY', at, 'A key must be a text.', 'Put it in quotes if it begins with one of [ { * or &.')
        continue
      }
      const value = build(pair.value, pair.key.range ? pair.key.range[1] : at, depth + 1)
      if (pair.key.type === 'PLAIN' && pair.key.value === '<<') {
        merged.push({ at, value })
        continue
      }
      if (pair.key.anchor !== undefined) anchors.set(pair.key.anchor, scalar(pair.key))
      add(entries, keyText(pair.key), { at, value })
    }
    for (const { at, value } of merged) merge(entries, value, at)
    return mapNode(offset(node), entries)
  }

  function add(entries: Map<string, Entry>, key: string, entry: Entry): void {
    const first = entries.get(key)
    if (key === '__proto__') problem('YAML_KEY', entry.at, 'The key `__proto__` is refused.', 'Give it another name.')
    else if (first) {
      const { line, column } = source.position(first.at)
      problem('YAML_DUPLICATE_KEY', entry.at, `The key \`${key}\` is here twice; the first is at ${line}:${column}.`, 'Put both together, or remove one.')
    } else entries.set(key, entry)
  }

  /** What is written in the map itself wins, then the earlier source. */
  function merge(entries: Map<string, Entry>, value: Node, at: number): void {
    for (const from of value.kind === 'list' ? value.items : [value]) {
      if (exhausted) return
      if (from.kind !== 'map') {
        problem('YAML_MERGE', at, `\`<<\` takes a map or a list of maps, and this is ${describe(from)}.`, 'Write `<<: *name`, where the anchor &name stands at a map.')
        continue
      }
      if (!spend(from.size, at)) return
      for (const [key, entry] of from.entries) if (!entries.has(key)) entries.set(key, entry)
    }
  }

  return { root: build(document.contents, 0, 0), problems }
}

/** A key as it is written: `8080`, `true` and `null` are names here. */
function keyText(key: Scalar): string {
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
}

function nothing(at: number): ScalarNode {
  return { kind: 'scalar', at, size: 1, height: 0, value: null, source: '' }
}

function offset(node: YamlNode): number {
  return (node as ParsedNode).range?.[0] ?? 0
}
