import { defineRole } from '@chaos/core'
import type { Op } from '@chaos/core'
import type { Runner } from './runner.ts'
import { stateSuite } from './states.ts'
import type { StateCase } from './states.ts'

export interface OperationCase extends StateCase {
  /** The operation or operations, given the host's folder. Called anew for each run. */
  readonly operation: (folder: string) => Op | readonly Op[]
}

export interface OperationSuiteOptions extends Runner {
  /** `files.directory`, for the tests' names. */
  name: string
  cases: readonly OperationCase[]
  /** Where relative local files start. Default: the current folder. */
  directory?: string
}

/** For every operation: dry run, apply, verify, apply again, drift; on a real shell. */
export function operationSuite({ name, cases, directory, describe, it }: OperationSuiteOptions): void {
  const given = cases.map((each) => ({
    ...each,
    role: (folder: string) =>
      defineRole(() => {
        const made = each.operation(folder)
        return Array.isArray(made) ? (made as readonly Op[]) : [made as Op]
      }),
    desired: () => ({}),
    ...(directory === undefined ? {} : { directory }),
  }))
  stateSuite(`the operation contract (${name})`, given, { describe, it })
}
