import type { Delta, Op, Steps } from '@chaos/core'
import { compare } from './compare.ts'
import { draw } from './draw.ts'
import { operationElevation } from './elevation.ts'
import type { Asked } from './fact-book.ts'
import type { HostRun } from './host-state.ts'
import { viewOf } from './host-view.ts'
import { newOperationRun } from './operation-run.ts'
import type { OperationRun, RoleRun } from './operation-run.ts'

/** What every role of a run is told. */
export interface RunFacts {
  readonly id: string
  readonly dry: boolean
  readonly hosts: readonly string[]
  readonly choboloPath: string
  readonly skipConfirm: boolean
}

/**
 * context → delta → draw, and the comparison of each operation as it is yielded. Nothing changes.
 * A failure fails the role on this host.
 */
export async function planRole(host: HostRun, role: RoleRun, run: RunFacts): Promise<void> {
  const { base } = host
  const task = base.gate.begin()
  const asked: Asked[] = []
  const view = viewOf(base, task, role.tag, operationElevation({}, host.fallback, base.os), asked)
  const operations: OperationRun[] = []
  const comparisons: Promise<void>[] = []
  const yielded = (op: Op): void => {
    const next = newOperationRun(host.name, role.tag, operations.length, op, operationElevation(op.options, host.fallback, base.os))
    operations.push(next)
    comparisons.push(compare(base, next))
  }
  role.error = undefined
  try {
    role.kept = []
    const begin = await beginning(role, view, run)
    if (begin) await draw(role.tag, begin, yielded)
  } catch (error) {
    role.error = error
  } finally {
    base.gate.end(task)
  }
  await Promise.all(comparisons)
  role.asked = asked
  role.operations = operations
}

async function beginning(drawn: RoleRun, host: ReturnType<typeof viewOf>, run: RunFacts): Promise<(() => Steps) | undefined> {
  const { request, slice, secrets } = drawn
  const { role } = request
  if (role.form === 'short') {
    const state = { id: run.id, dry: run.dry, hosts: run.hosts }
    const { choboloPath, skipConfirm } = run
    return () => role.run?.({ state, host, chobolo: slice.chobolo, choboloPath, skipConfirm, secrets }) ?? []
  }
  const { definition } = role
  if (!definition) return undefined
  const input = { host, desired: slice.desired, secrets }
  const context = await definition.context?.(input)
  const delta = definition.delta(context)
  drawn.kept = delta.kept ?? []
  return converged(delta) ? undefined : () => definition.plan(delta, { ...input, context })
}

/** All of a delta is empty. */
export function converged({ add, change, remove }: Delta): boolean {
  return [add, change, remove].every((items) => {
    if (items === undefined) return true
    if (Array.isArray(items)) return items.length === 0
    return Object.values(items).every((value) => Array.isArray(value) && value.length === 0)
  })
}
