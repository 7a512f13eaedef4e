import { isChaosError } from '@chaos/core'
import type { Plan, PlannedHost, PlannedOperation, PlannedRole } from '../events/events.ts'
import { condition } from './conditions.ts'
import { operationsOf } from './host-state.ts'
import type { HostRun } from './host-state.ts'
import { changesOf, followsOf, isAction, laterOf, touchesOf } from './operation-run.ts'
import type { OperationRun, RoleRun } from './operation-run.ts'
import { reportOf } from './report-error.ts'
import { plannedChange, shownElevation } from './shown.ts'
import { meets } from './touches.ts'

/** The plan of one host. A role that could not be planned fails the host: nothing is changed there. */
export function planHost(host: HostRun): PlannedHost {
  const roles = host.roles.map((role) => planned(host, role))
  const failed = roles.find(({ error }) => error) ?? undefined
  return {
    host: host.name,
    state: failed ? 'failed' : 'planned',
    os: host.base.os.name,
    user: host.base.os.user,
    ...(failed?.error ? { error: failed.error } : {}),
    roles,
  }
}

/** Operations that hang on what a later one will change, each with the first of these. */
export function followedLater(host: HostRun): { run: OperationRun; leader: OperationRun }[] {
  const all = operationsOf(host)
  return all.flatMap((run, index) => {
    const follows = followsOf(run)
    const leader = follows.length === 0 ? undefined : all.slice(index + 1).find((other) => willAct(other) && meets(touchesOf(other), follows, host.book.links))
    return leader ? [{ run, leader }] : []
  })
}

function planned(host: HostRun, role: RoleRun): PlannedRole {
  const before = host.roles.slice(0, host.roles.indexOf(role)).flatMap(({ operations }) => operations)
  const operations = role.operations.map((run, index) => plannedOperation(host, run, [...before, ...role.operations.slice(0, index)], role))
  const error = role.error ?? role.operations.find((run) => run.error !== undefined)?.error
  return {
    role: role.tag,
    ...(role.skipped === undefined ? {} : { skipped: role.skipped }),
    ...(error === undefined ? {} : { error: reportOf(error) }),
    ...(role.kept.length === 0 ? {} : { kept: [...role.kept] }),
    operations,
  }
}

function plannedOperation(host: HostRun, run: OperationRun, earlier: readonly OperationRun[], { operations }: RoleRun): PlannedOperation {
  settleForeseen(host, run, earlier)
  const { op, diff, error } = run
  const shown = { id: run.id, operation: op.definition.name, title: op.title, ...shownElevation(run.as) }
  const changes = changesOf(diff).filter(({ parents }) => !parents?.every((folder) => isMade(folder, earlier))).map(plannedChange)
  if (error !== undefined) return { ...shown, verdict: 'error', changes: [], error: reportOf(error) }
  const later = laterOf(diff)
  if (later !== undefined) return { ...shown, verdict: 'later', reason: later, changes: [] }
  if (changes.length === 0) {
    const leader = earlier.find((other) => willAct(other) && meets(touchesOf(other), followsOf(run), host.book.links))
    if (leader === undefined) return { ...shown, verdict: 'same', changes }
    return { ...shown, verdict: 'later', reason: `after ${leader.op.definition.name} ${leader.op.title}`.trim(), changes }
  }
  const foreseen = foresee(run, operations)
  if (foreseen) return { ...shown, ...foreseen, changes: foreseen.verdict === 'same' ? [] : changes }
  return { ...shown, verdict: isAction(run) ? 'action' : 'change', changes }
}

/** Whether an operation before it makes the folder: it need not be shown again, and at its turn it will be there. */
function isMade(folder: string, earlier: readonly OperationRun[]): boolean {
  return earlier.some((run) => changesOf(run.diff).some(({ before, parents }) => parents?.includes(folder) || (before === null && namesPath(run, folder))))
}

function namesPath(run: OperationRun, path: string): boolean {
  const touches = touchesOf(run)
  return touches !== 'everything' && touches.some((touch) => touch.kind === 'path' && touch.path === path)
}

/** Errors that what an earlier operation makes may settle. */
const FORESEEN = new Set(['FACT_FAILED', 'PACKAGE_UNKNOWN', 'PACKAGE_CONFLICT', 'PACKAGE_NEEDED', 'GIT_REMOTE', 'GIT_HOST_KEY', 'GIT_REFERENCE', 'UNIT_BROKEN', 'UNIT_NOT_ENABLED', 'UNIT_NO_RELOAD', 'NO_SYSTEMD', 'NO_USER'])

/** An operation that cannot look yet, because an earlier one is still to make what it looks at, is known after apply. */
function settleForeseen(host: HostRun, run: OperationRun, earlier: readonly OperationRun[]): void {
  if (!isChaosError(run.error) || !FORESEEN.has(run.error.code)) return
  const awaited = earlier.find((other) => willAct(other) && run.asked.some(({ reads }) => meets(touchesOf(other), reads, host.book.links)))
  if (!awaited) return
  run.error = undefined
  run.diff = { later: `after ${awaited.op.definition.name} ${awaited.op.title}`.trim() }
}

function willAct({ diff }: OperationRun): boolean {
  return changesOf(diff).length > 0 || laterOf(diff) !== undefined
}

/** What a condition lets one say beforehand. */
function foresee(run: OperationRun, role: readonly OperationRun[]): { verdict: 'same' | 'conditional'; reason: string } | undefined {
  const { ifChanged, ifFailed } = run.op.options
  if (ifFailed !== undefined) return { verdict: 'conditional', reason: 'only if an earlier operation fails' }
  if (ifChanged === undefined) return undefined
  const named = role.filter(({ op }) => op.result !== undefined && [ifChanged].flat().includes(op.result))
  if (named.some((other) => changesOf(other.diff).length > 0)) return undefined
  if (named.some((other) => laterOf(other.diff) !== undefined)) return { verdict: 'conditional', reason: 'only if an earlier operation changes something' }
  const verdict = condition(run, role)
  return { verdict: 'same', reason: typeof verdict === 'object' ? verdict.skip : `${named.map(({ op }) => op.title || op.definition.name).join(', ')} does not change` }
}

/** Puts the hosts' plans together and counts. */
export function planOf(hosts: readonly PlannedHost[]): Plan {
  const acting = ({ verdict }: PlannedOperation): boolean => verdict === 'change' || verdict === 'action'
  const operations = hosts.flatMap((host) => (host.state === 'planned' ? host.roles.flatMap((role) => role.operations) : []))
  return {
    hosts: [...hosts],
    changes: {
      hosts: hosts.filter((host) => host.state === 'planned' && host.roles.some((role) => role.operations.some((each) => acting(each) || each.verdict === 'later'))).length,
      operations: operations.filter(acting).length,
      removals: operations.flatMap(({ changes }) => changes).reduce((sum, { removes, removed = [] }) => sum + (removes ? Math.max(removed.length, 1) : 0), 0),
      later: operations.filter(({ verdict }) => verdict === 'later' || verdict === 'conditional').length,
    },
  }
}
