import { nearest } from '@chaos/core'
import { isTemplate, parseTemplate } from './expression.ts'
import type { Reference, Template } from './expression.ts'
import { overlaysOf } from './overlays.ts'
import type { Problem } from './problem.ts'
import type { Source } from './source.ts'
import type { MapNode, Node } from './tree.ts'

/** A key of the Ch-obolo that a role reads. */
export interface KeyReader {
  readonly key: string
  /** The package whose role reads it. */
  readonly package: string
  /** Whether that package is installed. Default true. */
  readonly installed?: boolean
}

/** Keys of chaos itself. */
const OWN = ['fleet', 'secrets']

/**
 * Root keys, in overlays too, that no installed role reads and nothing refers to: an error where one is nearly a key that is read,
 * else a warning that says which package reads it.
 */
export function unusedKeys(root: MapNode, source: Source, readers: readonly KeyReader[]): Problem[] {
  const read = new Set([...OWN, ...readers.filter((each) => each.installed ?? true).map((each) => each.key)])
  const elsewhere = new Map(readers.filter((each) => each.installed === false).map((each) => [each.key, each.package]))
  const referred = referredKeys(root)
  const problems: Problem[] = []
  for (const { entries } of [root, ...overlaysOf(root).map((each) => each.node)]) {
    for (const [key, { at }] of entries) {
      if (read.has(key) || referred(key)) continue
      const position = source.position(at)
      const lacking = elsewhere.get(key)
      const [candidate] = lacking === undefined ? nearest(key, read) : []
      if (candidate === undefined) {
        const hint = lacking === undefined ? 'Remove it, or refer to it with ${' + key + '}.' : `Add ${lacking}.`
        problems.push({ code: 'KEY_UNREAD', severity: 'warning', message: `No installed role reads \`${key}\`.`, hint, position })
      } else problems.push({ code: 'KEY_UNKNOWN', severity: 'error', message: `No role reads \`${key}\`.`, hint: `Did you mean \`${candidate}\`?`, position })
    }
  }
  return problems
}

/** Whether an interpolation refers to a root key. A name that is itself interpolated may be any that fits. */
function referredKeys(root: MapNode): (key: string) => boolean {
  const names = new Set<string>()
  const patterns: RegExp[] = []
  visit(root, 0)
  return (key) => names.has(key) || patterns.some((each) => each.test(key))

  function visit(node: Node, depth: number): void {
    if (node.kind === 'list') for (const item of node.items) visit(item, depth + 1)
    else if (node.kind === 'map') for (const entry of node.entries.values()) visit(entry.value, depth + 1)
    else if (typeof node.value === 'string' && isTemplate(node.value)) {
      const template = parseTemplate(node.value)
      if (!('failure' in template)) note(template, depth)
    }
  }

  function note(template: Template, depth: number): void {
    for (const piece of template) if (typeof piece === 'object') noteReference(piece, depth)
  }

  function noteReference(reference: Reference, depth: number): void {
    if (reference.kind === 'call') {
      for (const arg of reference.args) note(arg, depth)
      const [path] = reference.args[0] ?? []
      const inner = reference.name === 'oc.select' && typeof path === 'string' ? parseTemplate(`\${${path}}`) : []
      if (!('failure' in inner)) note(inner, depth)
      return
    }
    for (const segment of reference.segments) note(segment, depth)
    const [first] = reference.segments
    // Dots that lead up to the root: from a value `depth` levels down, that many.
    if (!first || (reference.up !== 0 && reference.up !== depth)) return
    const [name] = first
    if (first.length === 1 && typeof name === 'string') names.add(name)
    else patterns.push(new RegExp(`^${first.map((piece) => (typeof piece === 'string' ? piece.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&') : '.*')).join('')}$`, 'su'))
  }
}
