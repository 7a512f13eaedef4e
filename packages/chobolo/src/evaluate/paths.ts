import { isSecret, nearest } from '@chaos/core'
import { isTemplate } from '../expression.ts'
import type { PathReference, Template } from '../expression.ts'
import { formatPath } from '../path.ts'
import { pathOf, placeBelow } from '../place.ts'
import type { Place } from '../place.ts'
import type { ScalarNode } from '../tree.ts'
import type { Done, Pass } from './contract.ts'

/** Where paths such as `${..a.b}` lead to. */
export interface Paths {
  /** The value a path leads to; undefined if nothing is there. */
  look(reference: PathReference, place: Place, node: ScalarNode): Done | undefined
  /** The place a path leads to that is written out, `${a.b}` and not `${a.${b}}`. */
  reached(reference: PathReference, place: Place): Place | undefined
  missing(reference: PathReference, place: Place, node: ScalarNode): Error
}

/** `textOf` makes the name of a segment, in which there may be interpolations again. */
export function createPaths({ scope, failures: { fail }, evaluate }: Pass, textOf: (segment: Template, place: Place, node: ScalarNode) => { text: string; usesHost: boolean }): Paths {
  function startOf({ up }: PathReference, place: Place): Place | undefined {
    let start: Place | undefined = up === 0 ? scope.root : place
    for (let left = up; left > 0; left--) start = start?.parent
    return start
  }

  function look(reference: PathReference, place: Place, node: ScalarNode): Done | undefined {
    const names = reference.segments.map((segment) => textOf(segment, place, node))
    const keys = names.map((each) => each.text)
    const usesHost = names.some((each) => each.usesHost)
    const start = startOf(reference, place)
    if (!start) return undefined
    if (start === scope.root && keys[0] === 'host' && placeBelow(start, 'host') === undefined) return ofHost(keys, reference, node)
    const found = descend(start, keys)
    return found && { ...found, usesHost: found.usesHost || usesHost }
  }

  function descend(start: Place, keys: readonly string[]): Done | undefined {
    let place = start
    for (const [index, key] of keys.entries()) {
      const below = placeBelow(place, key)
      if (below) place = below
      else if (place.node.kind !== 'scalar' || typeof place.node.value !== 'string' || !isTemplate(place.node.value)) return undefined
      else {
        // `${a.b}` where a is itself an interpolation: what it leads to has the b.
        const done = evaluate(place)
        const inner = within(done.value, keys.slice(index))
        return inner && { value: inner.value, size: done.size, usesHost: done.usesHost }
      }
    }
    return evaluate(place)
  }

  function ofHost(keys: readonly string[], reference: PathReference, node: ScalarNode): Done | undefined {
    if (!scope.host) throw fail(node, 'INTERPOLATION_HOST', `\`${reference.text}\` is known only where a host is.`, 'Use it in the keys of roles, not in the fleet.')
    const { name, data, groups } = scope.host
    const found = within({ name, data, groups }, keys.slice(1))
    return found && { value: found.value, size: 1, usesHost: true }
  }

  return {
    look,
    reached(reference, place) {
      let at = startOf(reference, place)
      for (const [segment] of reference.segments) at = at && typeof segment === 'string' ? placeBelow(at, segment) : undefined
      return at
    },
    missing(reference, place, node) {
      let at = startOf(reference, place)
      let word = ''
      for (const segment of reference.segments) {
        word = textOf(segment, place, node).text
        const below = at && placeBelow(at, word)
        if (!below) break
        at = below
      }
      const names = at?.node.kind === 'map' ? [...at.node.entries.keys()] : []
      const [candidate] = nearest(word, at === scope.root ? [...names, 'host'] : names)
      const inside = !at || at === scope.root ? '' : ` in \`${formatPath(pathOf(at))}\``
      return fail(
        node,
        'INTERPOLATION_UNKNOWN',
        `\`${reference.text}\` refers to \`${word}\`, which is not there${inside}.`,
        candidate === undefined ? `Add the key${inside}, or write \\\${ for a \${ that is meant as text.` : `Did you mean \`${candidate}\`?`,
        Math.max(0, (node.value as string).indexOf(reference.text)),
      )
    },
  }
}

/** A part of plain data. */
function within(value: unknown, keys: readonly string[]): { value: unknown } | undefined {
  let at = value
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || isSecret(at) || !Object.hasOwn(at, key)) return undefined
    at = (at as Record<string, unknown>)[key]
  }
  return { value: at }
}
