import { nearest } from '@chaos/core'
import type { Position } from '@chaos/core'
import { formatPath } from './path.ts'
import type { Path } from './path.ts'
import type { Problem } from './problem.ts'
import type { Resolver } from './resolve.ts'
import type { Source } from './source.ts'
import { child, describe } from './tree.ts'
import type { Node } from './tree.ts'

/** A node with its path and the place to show for it. */
export interface Part {
  readonly node: Node
  readonly path: Path
  readonly at: number
}

/** Reads sections whose shape is ours, and gathers what is wrong with them. */
export interface Shape {
  readonly problems: Problem[]
  position(at: number): Position
  problem(code: string, part: Pick<Part, 'at'>, message: string, hint: string): void
  /** Parts of a map by key. Nothing written is an empty map; another shape and unknown keys are problems. */
  map(node: Node, path: Path, what: string, keys: readonly string[]): (key: string) => Part | undefined
  /** Entries of a map with free keys. */
  entries(part: Part | undefined, example: string): (Part & { key: string })[]
  list(part: Part | undefined, what: string, example: string): Part[]
  /** The interpolated value; undefined where that failed, which is a problem then. */
  value(part: Part): Promise<unknown>
  texts(part: Part | undefined): Promise<string[]>
}

export function createShape(source: Source, resolver: Pick<Resolver, 'values'>): Shape {
  const problems: Problem[] = []

  const shape: Shape = {
    problems,
    position: (at) => source.position(at),
    problem(code, { at }, message, hint) {
      problems.push({ code, severity: 'error', message, hint, position: source.position(at) })
    },

    map(node, path, what, keys) {
      if (node.kind === 'map') {
        for (const [key, { at }] of node.entries) {
          if (keys.includes(key)) continue
          const [candidate] = nearest(key, keys)
          shape.problem('FLEET_UNKNOWN_KEY', { at }, `${what} has no key \`${key}\`.`, candidate === undefined ? `Its keys are ${keys.join(', ')}.` : `Did you mean \`${candidate}\`?`)
        }
      } else if (!empty(node)) shape.problem('FLEET_SHAPE', node, `${what} is a map, and here it is ${describe(node)}.`, `Write its keys below it: ${keys.join(', ')}.`)
      return (key) => {
        const entry = child(node, key)
        return node.kind === 'map' && entry ? { node: entry.value, path: [...path, key], at: entry.at } : undefined
      }
    },

    entries(part, example) {
      if (!part || empty(part.node)) return []
      if (part.node.kind !== 'map') {
        shape.problem('FLEET_SHAPE', part, `\`${formatPath(part.path)}\` is a map, and here it is ${describe(part.node)}.`, `Write ${example}.`)
        return []
      }
      return Array.from(part.node.entries, ([key, { at, value }]) => ({ key, node: value, path: [...part.path, key], at }))
    },

    list(part, what, example) {
      if (!part || empty(part.node)) return []
      if (part.node.kind === 'list') return part.node.items.map((node, index) => ({ node, path: [...part.path, index], at: node.at }))
      shape.problem('FLEET_SHAPE', part, `${what} is a list, and here it is ${describe(part.node)}.`, `Write ${example}.`)
      return []
    },

    async value({ path }) {
      const found = await resolver.values([path])
      problems.push(...found.problems)
      return found.problems.length === 0 ? found.values[0] : undefined
    },

    async texts(part) {
      const found: string[] = []
      for (const item of shape.list(part, `\`${formatPath(part?.path ?? [])}\``, '[name, name]')) {
        const value = await shape.value(item)
        if (typeof value === 'string' && value !== '') found.push(value)
        else if (value !== undefined) shape.problem('FLEET_SHAPE', item, `\`${formatPath(item.path)}\` is a name, and here it is ${describe(item.node)}.`, 'Put the name in quotes.')
      }
      return found
    },
  }
  return shape
}

function empty(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null
}
