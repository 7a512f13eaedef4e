import { parseTemplate } from '../expression.ts'
import { MAX_CHAIN, MAX_VALUES } from '../limits.ts'
import { formatPath } from '../path.ts'
import { pathOf, placeBelow } from '../place.ts'
import type { Place } from '../place.ts'
import type { Problem } from '../problem.ts'
import type { Node, ScalarNode } from '../tree.ts'
import { constantValue, isConstant } from './constant.ts'
import type { Done, Evaluator, Scope } from './contract.ts'
import { Failure, createFailures, cut } from './failure.ts'
import { createFill } from './fill.ts'

export type { Memory } from './contract.ts'

export function createEvaluator(scope: Scope): Evaluator {
  const { source, memory } = scope
  const failures = createFailures(source)
  const { fail, cycle } = failures
  const problems: Problem[] = []
  const active: Place[] = []
  /** Counts what must not be remembered: failures, and secrets that are not here yet. */
  let unfinished = 0
  /** What this pass met already and must not be remembered: met again and again, it would cost 2 to the power of the chain. */
  const partial = new Map<Place, Done | Failure>()
  const fill = createFill({ scope, failures, evaluate, postpone: () => (unfinished += 1) })

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
    if (isConstant(place.node)) return { value: constantValue(place.node, memory), size: place.node.size, usesHost: false }
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

  function scalar(place: Place, node: ScalarNode): Done {
    const text = node.value as string
    if (text === '???') {
      throw fail(node, 'VALUE_MISSING', `\`${formatPath(pathOf(place))}\` must be given a value: \`???\` stands for one that is missing.`, 'Write the value here, or in an overlay of the host or its group.')
    }
    const template = parseTemplate(text)
    if ('failure' in template) throw fail(node, 'INTERPOLATION_SYNTAX', `In \`${cut(text)}\` ${template.failure}.`, 'Write \\${ for a ${ that is meant as text.', template.offset)
    return fill(template, place, node)
  }

  return { value: collect, problems }
}
