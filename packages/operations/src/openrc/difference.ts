import type { WantedServices } from '../server/service-backend.ts'
import type { Newest } from '../server/service-newest.ts'
import type { OpenrcService } from './service-state.ts'

/** What is to be done with a service, in the order in which it is done. */
export const ACTS = ['enable', 'disable', 'stop', 'start', 'restart', 'reload'] as const
export type Act = (typeof ACTS)[number]

type Wanted = Pick<WantedServices, 'running' | 'enabled' | 'state'>

/** What differs of one service; `later` = it is not there yet. */
export function serviceDifference(wanted: Wanted, have: OpenrcService, newest: Newest): readonly Act[] | 'later' {
  if (have.state === 'missing') return wanted.running === true || wanted.enabled === true || wanted.state !== undefined ? 'later' : []
  const found = [boot(wanted, have), running(wanted, have, newest)]
  return ACTS.filter((act) => found.includes(act))
}

function boot({ enabled }: Wanted, { runlevels }: OpenrcService): Act | undefined {
  if (enabled === undefined || enabled === runlevels.length > 0) return undefined
  return enabled ? 'enable' : 'disable'
}

function running({ running: wanted, state }: Wanted, have: OpenrcService, newest: Newest): Act | undefined {
  const up = have.state === 'started'
  // What waits for something (a network, a line) was started, and OpenRC goes on with it.
  const begun = up || have.state === 'starting' || have.state === 'inactive'
  if (state === 'restarted') return 'restart'
  if (state === 'reloaded') return up ? 'reload' : 'start'
  if (wanted === false) return begun ? 'stop' : undefined
  if (wanted === true && !begun) return 'start'
  if (!up) return undefined
  if (isNewer(newest.restart, have.started)) return 'restart'
  return isNewer(newest.reload, have.changed) ? 'reload' : undefined
}

function isNewer(change: number | null | undefined, since: number | undefined): boolean {
  return change !== null && change !== undefined && since !== undefined && change > since
}
