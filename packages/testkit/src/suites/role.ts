import assert from 'node:assert/strict'
import { isRole } from '@chaos/core'
import type { Role } from '@chaos/core'
import type { Runner } from './runner.ts'
import { stateSuite } from './states.ts'
import type { StateCase } from './states.ts'

export interface RoleCase extends StateCase {
  /** The role's keys with their values, given the host's folder. */
  readonly desired: (folder: string) => Readonly<Record<string, unknown>>
}

export interface RoleSuiteOptions extends Runner {
  name: string
  role: Role
  cases: readonly RoleCase[]
  /** Where relative local files start. Default: the current folder. */
  directory?: string
}

/** For every role: its contract, and of each case dry run, apply, verify, apply again, drift. */
export function roleSuite({ name, role, cases, directory, describe, it }: RoleSuiteOptions): void {
  describe(`the role ${name}`, () => {
    it('is a role', async () => assert.ok(isRole(role)))

    it('says which keys it reads, if it is of the full form', async () => {
      if (role.form === 'full') assert.ok(Object.keys(role.definition?.keys ?? {}).length > 0)
    })
  })
  const given = cases.map((each) => ({ ...each, role: () => role, ...(directory === undefined ? {} : { directory }) }))
  stateSuite(`the role contract (${name})`, given, { describe, it })
}
