import { ChaosError } from '@chaos/core'
import type { Position } from '@chaos/core'

/** Something wrong in a Ch-obolo: what, where, and what to write instead. */
export interface Problem {
  /** Stable: programs may match it. */
  readonly code: string
  readonly severity: 'error' | 'warning'
  /** One sentence. Never holds a secret. */
  readonly message: string
  readonly hint?: string
  readonly position?: Position
}

/** How many problems an error tells; a broken file can have thousands. */
const SHOWN = 20

/** One error of all problems that are errors. Its position and hint are the first one's; `details.problems` has them all. */
export function problemsError(problems: readonly Problem[]): ChaosError {
  const errors = problems.filter((each) => each.severity === 'error')
  const first = errors[0] as Problem
  const more = errors.length - 1
  return new ChaosError('CHOBOLO_INVALID', {
    message: more === 0 ? first.message : `${first.message} And ${more} more ${more === 1 ? 'problem' : 'problems'}.`,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
    ...(first.position === undefined ? {} : { position: first.position }),
    details: { problems: errors.slice(0, SHOWN), ...(errors.length > SHOWN ? { left_out: errors.length - SHOWN } : {}) },
  })
}

/** Throws {@link problemsError} if one of the problems is an error; warnings pass. */
export function refuseProblems(problems: readonly Problem[]): void {
  if (problems.some((each) => each.severity === 'error')) throw problemsError(problems)
}
