import { isSecret, nearest, secretText } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { isTemplate, parseTemplate } from './expression.ts'
import type { CallReference, PathReference, Reference, Template } from './expression.ts'
import { MAX_CHAIN, MAX_TEXT, MAX_VALUES } from './limits.ts'
import { formatPath } from './path.ts'
import { pathOf, placeBelow } from './place.ts'
import type { Place } from './place.ts'
import type { Problem } from './problem.ts'
import { callResolver } from './resolvers.ts'
import type { Source } from './source.ts'
import type { Node, ScalarNode } from './tree.ts'

/** What one pass over values may look at, and what it tells. */
export interface Scope {
  readonly root: Place
  readonly source: Source
  readonly env: Readonly<Record<string, string | undefined>>
  /** What `${host.…}` sees; undefined = there is no host here. */
  readonly host: { readonly name: string; readonly data: unknown; readonly groups: readonly string[] } | undefined
  readonly memory: Memory
  /** A secret that is here, a problem of reading it, or undefined: noted, and read before the next pass. */
  readonly secret: (name: string, reference: string) => Secret | Problem | undefined
}

/** Values that were worked out. Those that used the host are kept apart from those that all hosts share. */
export interface Memory {
  readonly shared: WeakMap<Place, Done>
  readonly host: WeakMap<Place, Done>
  /** Values of nodes without any interpolation: the same in every place and tree. */
  readonly constant: WeakMap<Node, unknown>
  /** The node a list or map was made of. */
  readonly origins: WeakMap<object, Node>
}

export interface Done {
  readonly value: unknown
  readonly size: number
  readonly usesHost: boolean
}

/** A value cannot be worked out. Caught at the list or map around it, so that several are told at once. */
export class Failure extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

export interface Evaluator {
  /** The value of a place, everything in it interpolated. What fails is in `problems`, and undefined in the value. */
  value(place: Place): Done
  readonly problems: Problem[]
}

export function createEvaluator(scope: Scope): Evaluator {
  const { source, memory } = scope
  const problems: Problem[] = []
  const active: Place[] = []
  /** Counts what must not be remembered: failures, and secrets that are not here yet. */
  let unfinished = 0
  /** What this pass met already and must not be remembered: met again and again, it would cost 2 to the power of the chain. */
  const partial = new Map<Place, Done | Failure>()

  function collect(place: Place): Done {
    try {
      return evaluate(place)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      unfinished++
      const { code, message, position } = error.problem
      const told = problems.some((each) => each.code === code && each.message === message && each.position?.line === position?.line && each.position?.column === position?.column)
      if (!told) problems.push(error.problem)
      return { value: undefined, size: 1, usesHost: false }
    }
  }

  function evaluate(place: Place): Done {
    if (isConstant(place.node)) return { value: constant(place.node), size: place.node.size, usesHost: false }
    const known = memory.shared.get(place) ?? memory.host.get(place)
    if (known) return known
    const met = partial.get(place)
    if (met instanceof Failure) throw met
    if (met) {
      unfinished++
      return met
    }
    const at = active.indexOf(place)
    if (at !== -1) throw cycle([...active.slice(at), place])
    if (active.length >= MAX_CHAIN) throw fail(place.node, 'INTERPOLATION_DEPTH', 'Too many references lead to each other here.', 'Refer to the value itself.')
    const before = unfinished
    active.push(place)
    try {
      const done = place.node.kind === 'scalar' ? scalar(place, place.node) : container(place)
      if (unfinished === before) (done.usesHost ? memory.host : memory.shared).set(place, done)
      else partial.set(place, done)
      return done
    } catch (error) {
      if (error instanceof Failure) partial.set(place, error)
      throw error
    } finally {
      active.pop()
    }
  }

  function container(place: Place): Done {
    const { node } = place
    let size = 1
    let usesHost = false
    const take = (key: string | number): unknown => {
      const done = collect(placeBelow(place, key) as Place)
      size += done.size
      usesHost ||= done.usesHost
      return done.value
    }
    const value = node.kind === 'list' ? node.items.map((_, index) => take(index)) : Object.fromEntries(Array.from((node as Extract<Node, { kind: 'map' }>).entries.keys(), (key) => [key, take(key)]))
    if (size > MAX_VALUES) throw fail(node, 'INTERPOLATION_SIZE', `Interpolation makes more than ${MAX_VALUES} values of this.`, 'Refer to large parts once.')
    memory.origins.set(value, node)
    return { value: Object.freeze(value), size, usesHost }
  }

  function constant(node: Node): unknown {
    if (node.kind === 'scalar') return node.value
    const known = memory.constant.get(node)
    if (known !== undefined) return known
    const value = node.kind === 'list' ? node.items.map(constant) : Object.fromEntries(Array.from(node.entries, ([key, entry]) => [key, constant(entry.value)]))
    memory.constant.set(node, Object.freeze(value))
    memory.origins.set(value, node)
    return value
  }

  function scalar(place: Place, node: ScalarNode): Done {
    const text = node.value as string
    if (text === '???') {
      throw fail(node, 'VALUE_MISSING', `\`${formatPath(pathOf(place))}\` must be given a value: \`???\` stands for one that is missing.`, 'Write the value here, or in an overlay of the host or its group.')
    }
    const template = parseTemplate(text)
    if ('failure' in template) throw fail(node, 'INTERPOLATION_SYNTAX', `In \`${cut(text)}\` ${template.failure}.`, 'Write \\${ for a ${ that is meant as text.', template.offset)
    return fill(template, place, node)
  }

  /** A template with one reference and nothing else keeps the type of what it refers to. */
  function fill(template: Template, place: Place, node: ScalarNode): Done {
    if (template.length === 1 && typeof template[0] === 'object') return refer(template[0], place, node)
    let usesHost = false
    let length = 0
    let hidden: Secret | undefined
    let text = ''
    for (const piece of template) {
      const done = typeof piece === 'string' ? { value: piece, usesHost: false } : refer(piece, place, node)
      usesHost ||= done.usesHost
      if (isSecret(done.value)) {
        hidden = hidden ? secretText`${hidden}${text}${done.value}` : secretText`${text}${done.value}`
        text = ''
        continue
      }
      const part = asText(done.value, piece as Reference, node)
      length += part.length
      if (length > MAX_TEXT) throw fail(node, 'INTERPOLATION_SIZE', `Interpolation makes a text of more than ${MAX_TEXT} characters.`, 'Keep large texts in files.')
      text += part
    }
    return { value: hidden ? secretText`${hidden}${text}` : text, size: 1, usesHost }
  }

  function refer(reference: Reference, place: Place, node: ScalarNode): Done {
    if (reference.kind === 'call') return call(reference, place, node)
    const found = look(reference, place, node)
    if (found) return found
    throw missing(reference, place, node)
  }

  /** The value a path leads to; undefined if nothing is there. */
  function look(reference: PathReference, place: Place, node: ScalarNode): Done | undefined {
    const names = reference.segments.map((segment) => textOf(segment, place, node))
    const keys = names.map((each) => each.text)
    const usesHost = names.some((each) => each.usesHost)
    let start: Place | undefined = reference.up === 0 ? scope.root : place
    for (let up = reference.up; up > 0; up--) start = start?.parent
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

  function call(reference: CallReference, place: Place, node: ScalarNode): Done {
    let usesHost = false
    const value = callResolver(reference, {
      env: scope.env,
      value(argument) {
        const done = fill(argument, place, node)
        usesHost ||= done.usesHost
        return done.value
      },
      select(text) {
        const inner = parseTemplate(`\${${text}}`)
        const path = 'failure' in inner ? undefined : inner[0]
        if (typeof path !== 'object' || path.kind !== 'path') return undefined
        const target = reached(path, place)
        if (target && target.node.kind === 'scalar' && target.node.value === '???') return undefined
        const done = look(path, place, node)
        if (done) usesHost ||= done.usesHost
        return done
      },
      secret(name, reference) {
        const found = scope.secret(name, reference)
        if (isSecret(found)) return found
        if (found) throw fail(node, found.code, found.message, found.hint ?? '')
        unfinished++
        return undefined
      },
      fail: (code, message, hint) => fail(node, code, message, hint, Math.max(0, (node.value as string).indexOf(reference.text))),
    })
    return { value, size: 1, usesHost }
  }

  function reached(path: PathReference, place: Place): Place | undefined {
    let at: Place | undefined = path.up === 0 ? scope.root : place
    for (let up = path.up; up > 0; up--) at = at?.parent
    for (const [segment] of path.segments) at = at && typeof segment === 'string' ? placeBelow(at, segment) : undefined
    return at
  }

  function textOf(template: Template, place: Place, node: ScalarNode): { text: string; usesHost: boolean } {
    const { value, usesHost } = fill(template, place, node)
    if (typeof value === 'string' || typeof value === 'number') return { text: String(value), usesHost }
    throw fail(node, 'INTERPOLATION_KEY', `In \`${cut(node.value as string)}\` a name is made of ${isSecret(value) ? 'a secret' : 'something that is no text'}.`, 'Refer to a text or a number inside of a reference.')
  }

  function asText(value: unknown, reference: Reference, node: ScalarNode): string {
    if (typeof value !== 'object') return `${value as string | number | boolean}`
    if (value === null) return 'null'
    throw fail(node, 'INTERPOLATION_TEXT', `\`${reference.text}\` is a ${Array.isArray(value) ? 'list' : 'map'}, which cannot stand inside a text.`, 'Let the reference be the whole value, or refer to one of its parts.')
  }

  function missing(reference: PathReference, place: Place, node: ScalarNode): Failure {
    const start = reference.up === 0 ? scope.root : Array.from({ length: reference.up }).reduce<Place | undefined>((at) => at?.parent, place)
    let at = start
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
  }

  function cycle(places: readonly Place[]): Failure {
    const chain = places.map((each) => `\`${formatPath(pathOf(each))}\``)
    const written = places.find((each) => each.node.kind === 'scalar') ?? places[0]
    return fail((written as Place).node, 'INTERPOLATION_CYCLE', `References go round in a circle: ${chain.join(' → ')}.`, 'Let one of them have a value of its own.')
  }

  function fail(node: Node, code: string, message: string, hint: string, offset = 0): Failure {
    return new Failure({ code, severity: 'error', message, ...(hint === '' ? {} : { hint }), position: source.position(inText(node, offset)) })
  }

  /** Where a character of a scalar is in the file, if it is written there as it is. */
  function inText(node: Node, offset: number): number {
    if (node.kind !== 'scalar' || typeof node.value !== 'string') return node.at
    const start = /["']/.test(source.text[node.at] ?? '') ? node.at + 1 : node.at
    return source.text.startsWith(node.value, start) ? start + offset : node.at
  }

  return { value: collect, problems }
}

const constants = new WeakMap<Node, boolean>()

/** Whether a node holds nothing to interpolate. Asked of each node once. */
function isConstant(node: Node): boolean {
  if (node.kind === 'scalar') return typeof node.value !== 'string' || (node.value !== '???' && !isTemplate(node.value))
  const known = constants.get(node)
  if (known !== undefined) return known
  const children = node.kind === 'list' ? node.items : Array.from(node.entries.values(), (entry) => entry.value)
  const found = children.every(isConstant)
  constants.set(node, found)
  return found
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

function cut(text: string): string {
  const line = text.split('\n', 1)[0] as string
  return line.length > 60 || line.length < text.length ? `${line.slice(0, 60)}…` : line
}
