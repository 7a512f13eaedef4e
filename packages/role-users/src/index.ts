import { defineRole } from '@chaos/core'
import { deltaOf, stepsOf } from './delta.ts'
import { keys } from './keys.ts'
import { look } from './look.ts'

/**
 * Accounts, groups, keys, sudo and the host name. What is not declared stays, unless the role added it itself; with `exclusive`
 * the accounts of other people go too, but never that of who is connected.
 */
export default defineRole({
  about: 'Accounts, groups, authorized keys, sudo and the host name.',
  keys,
  secrets: ['user_secrets'],
  needsSecrets: false,
  context: look,
  delta: deltaOf,
  plan: (delta) => stepsOf(delta).map(({ make }) => make()),
})

export { keys }
