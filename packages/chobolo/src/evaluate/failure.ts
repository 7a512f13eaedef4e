import { formatPath } from '../path.ts'
import { pathOf } from '../place.ts'
import type { Place } from '../place.ts'
import type { Problem } from '../problem.ts'
import type { Source } from '../source.ts'
import type { Node } from '../tree.ts'
import type { Failures } from './contract.ts'

/** A value cannot be worked out. Caught at the list or map around it, so that several are told at once. */
export class Failure extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

/** Failures with their places in the source. */
export function createFailures(source: Source): Failures {
  function fail(node: Node, code: string, message: string, hint: string, offset = 0): Failure {
    return new Failure({ code, severity: 'error', message, ...(hint === '' ? {} : { hint }), position: source.position(inText(node, offset)) })
  }

  /** Where a character of a scalar is in the file, if it is written there as it is. */
  function inText(node: Node, offset: number): number {
    if (node.kind !== 'scalar' || typeof node.value !== 'string') return node.at
    const start = /["']/.test(source.text[node.at] ?? '') ? node.at + 1 : node.at
    return source.text.startsWith(node.value, start) ? start + offset : node.at
  }

  return {
    fail,
    cycle(places) {
      const chain = places.map((each) => `\`${formatPath(pathOf(each))}\``)
      const written = places.find((each) => each.node.kind === 'scalar') ?? places[0]
      return fail((written as Place).node, 'INTERPOLATION_CYCLE', `References go round in a circle: ${chain.join(' → ')}.`, 'Let one of them have a value of its own.')
    },
  }
}

/** The beginning of a text, for a message. */
export function cut(text: string): string {
  const line = text.split('\n', 1)[0] as string
  return line.length > 60 || line.length < text.length ? `${line.slice(0, 60)}…` : line
}
