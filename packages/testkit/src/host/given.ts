import type { Elevation, Fact } from '@chaos/core'
import { isFact } from '@chaos/core'

/** An answer of a fake host. */
export interface Given {
  readonly fact: string
  /** Not set = whatever the arguments. */
  readonly args?: readonly unknown[]
  /** Not set = whoever asks. */
  readonly as?: Elevation
  readonly answer: (...args: never[]) => unknown
}

type Ask<A extends readonly unknown[], T> = ((...args: A) => Fact<T>) & { definition: { name: string } }

/** The answer to one question: `given(stat('/etc/motd'), null)`. An Error as the answer makes the question fail. */
export function given<T>(fact: Fact<T>, answer: T | Error, as?: Elevation): Given
/** The answers to all questions of a fact: `given(stat, (path) => null)`. */
export function given<A extends readonly unknown[], T>(fact: Ask<A, T>, answer: (...args: A) => T | Error, as?: Elevation): Given
export function given(fact: Fact | Ask<readonly unknown[], unknown>, answer: unknown, as?: Elevation): Given {
  const who = as === undefined ? {} : { as }
  if (isFact(fact)) return { fact: fact.name, args: fact.args, answer: () => answer, ...who }
  return { fact: fact.definition.name, answer: answer as Given['answer'], ...who }
}
