import type { RoleState } from '@chaos/core'
import { accountName, undeclared } from '@chaos/operations'
import type { Owned } from '@chaos/operations'

/** What the role added itself and is no longer declared. The memory lies on the host: what is no name there is passed over. */
export function leftBehind(state: RoleState, kind: 'user' | 'group' | 'sudo', declared: Iterable<string>): Owned[] {
  return undeclared(state, kind, declared).filter(({ name }) => accountName.safeParse(name).success)
}

/** What was noted of a thing when the role added it. */
export function noteAbout(state: RoleState, kind: 'user', name: string): unknown {
  return leftBehind(state, kind, []).find((one) => one.name === name)?.value
}
