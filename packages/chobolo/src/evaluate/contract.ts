import type { Secret } from '@chaos/core'
import type { Place } from '../place.ts'
import type { Problem } from '../problem.ts'
import type { Source } from '../source.ts'
import type { Node } from '../tree.ts'

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

export interface Evaluator {
  /** The value of a place, everything in it interpolated. What fails is in `problems`, and undefined in the value. */
  value(place: Place): Done
  readonly problems: Problem[]
}

/** What the parts of an evaluator know of each other. */
export interface Pass {
  readonly scope: Scope
  readonly failures: Failures
  /** The value of a place, or a Failure. */
  evaluate(place: Place): Done
  /** A secret is not here yet: what is being worked out must not be remembered. */
  postpone(): void
}

export interface Failures {
  /** `offset`: of the character it is about, in the node's text. */
  fail(node: Node, code: string, message: string, hint: string, offset?: number): Error
  cycle(places: readonly Place[]): Error
}
