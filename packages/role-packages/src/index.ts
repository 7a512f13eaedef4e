import { defineRole } from '@chaos/core'
import { deltaOf, stepsOf } from './delta.ts'
import { keys, reads } from './keys.ts'
import { look } from './look.ts'

/**
 * Packages, through the package manager that is there. What is not declared stays, unless the role installed it itself; with
 * `exclusive` all goes that somebody asked for, but never what the host stands on, and never what something else needs.
 */
export default defineRole({
  about: 'Packages, repositories and upgrades, through the package manager of the host.',
  keys,
  reads,
  context: look,
  delta: deltaOf,
  plan: (_, { context }) => stepsOf(context),
})

export { keys }
