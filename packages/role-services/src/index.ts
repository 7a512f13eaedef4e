import { defineRole } from '@chaos/core'
import { serviceBackend } from '@chaos/operations'
import { deltaOf, look } from './delta.ts'
import { keys } from './keys.ts'
import { stepsOf } from './steps.ts'

/**
 * What runs, and what starts with the machine. What is not declared stays as it is, unless the role turned it on itself;
 * with `exclusive` every other enabled service goes off too, but never what the host is reached by.
 */
export default defineRole({
  about: 'Services: what runs, and what starts with the machine.',
  keys,
  context: ({ host, desired }) => {
    serviceBackend(host)
    return look(desired.services, host)
  },
  delta: deltaOf,
  plan: (delta, { host }) => stepsOf(delta, host),
})

export { keys }
