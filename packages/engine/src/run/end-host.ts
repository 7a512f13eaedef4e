import type { EngineEvent, HostState, OperationCounts, PlannedHost, StepState } from '../events/events.ts'
import type { Emit } from '../events/index.ts'
import type { HostRun } from './host-state.ts'
import { operationsOf } from './host-state.ts'
import type { Answer, Request } from '../session/contract.ts'
import { elevationKey } from '../session/index.ts'
import { remove } from './guard/commands.ts'
import { isAction, mayFail } from './operation-run.ts'
import { createProgress } from './progress.ts'
import { releaseLock } from './lock.ts'
import { reportOf } from './report-error.ts'
import { verifyHost } from './verify.ts'

/** The last event of a host, before run and time are stamped on it. */
export type HostEnding = Omit<Extract<EngineEvent, { type: 'host.end' }>, 'run' | 'time'>

/** After the last change: looks again at what changed, gives the lock back in the same exchange, and says why the rest did not run. */
export async function settleHost(host: HostRun, run: string, emit: Emit, interrupted: boolean): Promise<void> {
  const progress = createProgress(host.name, emit)
  const lost = host.state === 'unreachable' || host.state === 'unknown'
  const changed = operationsOf(host).filter((each) => each.state === 'changed' && !isAction(each))
  const looks = changed.length > 0 && !lost && !interrupted
  const releasing = host.lock.taken ? releaseRequest(host, run) : undefined
  const removing = host.reachable ? removeRequests(host) : []
  let given = false
  if (looks) {
    if (releasing) host.ride(releasing, (answer) => (given = isDone(answer)))
    for (const request of removing) host.ride(request, () => undefined)
    await verifyHost(host, emit)
  } else {
    for (const each of changed) {
      each.reason ??= 'not looked at again'
      progress.verified(each)
    }
  }
  if (releasing && !given) await giveLockBack(host, [releasing, ...removing], run, emit)
  const why = interrupted ? 'interrupted' : host.error === undefined ? 'not reached' : 'an operation before it failed'
  for (const role of host.roles) {
    for (const each of role.operations) if (each.state === undefined) progress.skip(each, why)
  }
}

function releaseRequest({ name, lock, opening }: HostRun, run: string): Request {
  return { as: lock.as, parts: [{ kind: 'command', command: releaseLock({ run }, name, opening.lockFolder), trusted: true }] }
}

/** What the access guard kept is not needed any more, where no watcher may need it. */
function removeRequests({ watches }: HostRun): Request[] {
  return [...watches.values()].filter(({ open, armed }) => !open && armed > 0).map(({ as, name }) => ({ as, parts: [{ kind: 'command', command: remove({ name }), trusted: true }] }))
}

/** Requests of one user in one, so that they leave together. */
function together([first, ...others]: readonly [Request, ...Request[]]): Request[] {
  const same = others.filter(({ as }) => elevationKey(as) === elevationKey(first.as))
  return [{ ...first, parts: [...first.parts, ...same.flatMap(({ parts }) => parts)] }, ...others.filter((each) => !same.includes(each))]
}

/** Giving it back may be repeated: it is only taken away while it is this run's. */
async function giveLockBack(host: HostRun, [releasing, ...removing]: readonly [Request, ...Request[]], run: string, emit: Emit): Promise<void> {
  const { keep } = host.lock
  for (let tries = keep === undefined ? 0 : 2; tries < 2 && host.reachable; tries++) {
    const [answer = []] = await host.exchange(together([releasing, ...removing])).catch(() => [])
    if (isDone(answer)) return
  }
  emit({
    type: 'warning', host: host.name, code: 'LOCK_LEFT',
    message: `The lock of this run stays on ${host.name} (${keep ?? 'it cannot be reached'}): the next run there will be refused.`,
    hint: `When nothing of this run runs there any more: chaos unlock ${run}`,
  })
}

function isDone(answer: Answer): boolean {
  return answer.every((part) => part.state === 'done' && part.code === 0) && answer.length > 0
}

/** Nothing was to be changed: what the plan found the same is so, the rest was not done. */
export function settleDry(host: HostRun, { roles }: PlannedHost): void {
  const same = new Set(roles.flatMap(({ operations }) => operations.filter(({ verdict }) => verdict === 'same').map(({ id }) => id)))
  for (const run of operationsOf(host)) run.state = same.has(run.id) ? 'ok' : run.error === undefined ? 'skipped' : 'failed'
}

/** The last word on a host. */
export function endOf(host: HostRun, waited: number): HostEnding {
  const all = operationsOf(host)
  const count = (state: StepState): number => all.filter((each) => each.state === state).length
  const operations: OperationCounts = { ok: count('ok'), changed: count('changed'), failed: count('failed'), unknown: count('unknown'), skipped: count('skipped') }
  const hard = host.roles.some((role) => role.operations.some((each) => each.state === 'failed' && !mayFail(each, role.operations)))
  const state: HostState = host.state !== 'ok' ? host.state : host.error !== undefined || hard ? 'failed' : operations.changed > 0 ? 'changed' : 'ok'
  return {
    type: 'host.end', host: host.name, state,
    ...(host.error === undefined ? {} : { error: reportOf(host.error) }),
    operations,
    exchanges: host.exchangesBefore + host.session().exchanges,
    milliseconds: Date.now() - host.began - waited,
  }
}
