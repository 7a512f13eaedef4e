import { defineRole } from '@chaos/core'
import { serviceBackend } from '@chaos/operations'
import { deltaOf, look } from './delta.ts'
import { keys } from './keys.ts'
import { lookPlain, plainDelta, plainSteps } from './other-init.ts'
import { stepsOf } from './steps.ts'

/**
 * What runs, and what starts with the machine. What is not declared stays as it is, unless the role turned it on itself;
 * with `exclusive` every other enabled service goes off too, but never what the host is reached by.
 */
export default defineRole({
  about: 'Services: what runs, and what starts with the machine.',
  keys,
  context: async ({ host, desired }) =>
    serviceBackend(host).id === 'systemd' ? { units: await look(desired.services, host) } : { plain: await lookPlain(desired.services, host) },
  delta: (looked) => ('units' in looked ? { units: true as const, ...deltaOf(looked.units) } : { units: false as const, ...plainDelta(looked.plain) }),
  plan: (delta, { host }) => (delta.units ? stepsOf(delta, host) : plainSteps(delta)),
})

export { keys }
