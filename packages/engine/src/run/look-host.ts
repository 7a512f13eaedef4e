import { ChaosError } from '@chaos/core'
import type { PlannedHost } from '../events/events.ts'
import type { ResolvedHost } from '../inventory/index.ts'
import type { HostConnector } from '../connect/index.ts'
import type { RunOptions } from './contract.ts'
import type { Emit } from '../events/index.ts'
import type { HostRun } from './host-state.ts'
import { openHost } from './open-host.ts'
import type { RoleRun } from './operation-run.ts'
import type { Passwords } from './passwords.ts'
import { followedLater, planHost } from './plan.ts'
import { planRole } from './plan-role.ts'
import type { RunFacts } from './plan-role.ts'
import { reportOf } from './report-error.ts'

/** A host that was looked at: its plan, and its open connection unless it could not be reached. */
export interface LookedAt {
  readonly name: string
  readonly began: number
  readonly host: HostRun | undefined
  shown: PlannedHost
}

export interface LookContext {
  readonly options: RunOptions
  readonly facts: RunFacts
  readonly emit: Emit
  readonly connector: HostConnector
  readonly password: Passwords
  readonly signal: AbortSignal
}

/** connect ─► context ─► delta ─► operations ─► diff, all roles of the host side by side. */
export async function lookAt(resolved: ResolvedHost, roles: RoleRun[], { options, facts, emit, connector, password, signal }: LookContext): Promise<LookedAt> {
  const { name } = resolved
  const began = Date.now()
  const noted = roles.map(({ tag, skipped }) => ({ role: tag, ...(skipped === undefined ? {} : { skipped }), operations: [] }))
  for (const { tag, skipped } of roles) if (skipped !== undefined) emit({ type: 'role.skipped', host: name, role: tag, reason: skipped })
  const wanted = roles.filter(({ skipped }) => skipped === undefined)
  if (wanted.length === 0) {
    const reason = roles[0]?.skipped ?? 'no role has its keys in the Ch-obolo'
    emit({ type: 'host.skipped', host: name, reason })
    return { name, began, host: undefined, shown: { host: name, state: 'skipped', reason, roles: noted } }
  }
  try {
    if (signal.aborted) throw new ChaosError('INTERRUPTED', { message: `Interrupted before ${name} was looked at.`, host: name })
    emit({ type: 'host.connect', host: name })
    const { elevation = {}, choboloPath, timeout } = options
    const connecting = { connect: () => connector.open(resolved), connectFreshly: (until: AbortSignal) => connector.openFresh(resolved, until) }
    const host = await openHost({ host: resolved, roles, ...connecting, elevation, choboloPath, timeout, password, signal })
    emit({ type: 'host.connected', host: name, os: host.base.os.name, user: host.base.os.user, milliseconds: Date.now() - began })
    await Promise.all(wanted.map((role) => planRole(host, role, facts)))
    const shown = planHost(host)
    for (const { run, leader } of followedLater(host)) {
      emit({
        type: 'warning', host: name, code: 'ORDER',
        message: `${run.op.definition.name} ${run.op.title} hangs on what ${leader.op.definition.name} ${leader.op.title} changes after it, and sees that in the next run alone.`,
        hint: leader.role === run.role ? 'Yield it after that.' : `Put the keys of \`${leader.role}\` above those of \`${run.role}\`.`,
      })
    }
    if (shown.state === 'failed') host.error = firstError(host)
    return { name, began, host, shown }
  } catch (error) {
    return { name, began, host: undefined, shown: { host: name, state: 'unreachable', error: reportOf(error), roles: noted } }
  }
}

function firstError(host: HostRun): unknown {
  for (const { error, operations } of host.roles) {
    const found = error ?? operations.find((run) => run.error !== undefined)?.error
    if (found !== undefined) return found
  }
  return undefined
}
