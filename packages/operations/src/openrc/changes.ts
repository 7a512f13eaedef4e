import type { Change, Command, Host } from '@chaos/core'
import { changesByAct, serviceRemovals } from '../server/service-changes.ts'
import { bringUp, disable, enable, stop } from './commands.ts'
import { ACTS } from './difference.ts'
import type { Act } from './difference.ts'
import type { OpenrcService } from './service-state.ts'

export interface Differing {
  readonly service: OpenrcService
  readonly acts: readonly Act[]
}

export interface ChangeOptions {
  readonly host: Pick<Host, 'protects'>
  /** Their names are told: the operation is about several. */
  readonly several: boolean
  /** Stopping and disabling count as removals, of so many. */
  readonly removesOf?: number | undefined
}

/** The changes of many services: one command of a kind, in the order in which they are safe. */
export function serviceChanges(differing: readonly Differing[], options: ChangeOptions): Change[] {
  return changesByAct(ACTS, differing, (act, found) => changeOf(act, found, options))
}

function changeOf(act: Act, differing: readonly Differing[], { host, several, removesOf }: ChangeOptions): Change {
  const services = differing.map(({ service }) => service)
  const undo = undoOf(act, services.filter(({ name }) => host.protects('service', name) !== undefined))
  const removes = removesOf === undefined ? [] : serviceRemovals(act, differing.map(({ service: { name }, acts }) => ({ name, acts })), removesOf)
  return {
    summary: `${act}${services.map((each) => (several ? ` ${each.name}` : '') + (act === 'start' && each.state === 'crashed' ? ' (crashed)' : '')).join(',')}`,
    ...shown(act, services, several),
    ...(removes.length === 0 ? {} : { removes }),
    ...(undo.length === 0 ? {} : { risk: 'access' as const, undo }),
    do: [{ run: commandOf(act, services) }],
  }
}

function commandOf(act: Act, services: readonly OpenrcService[]): Command {
  const names = services.map(({ name }) => name)
  if (act === 'enable') return enable(names)
  if (act === 'disable') return disable(services)
  return act === 'stop' ? stop(names) : bringUp(act, names)
}

function shown(act: Act, [only]: readonly OpenrcService[], several: boolean): Pick<Change, 'before' | 'after'> {
  if (several || only === undefined) return {}
  if (act === 'enable' || act === 'disable') return { before: only.runlevels.join(' ') || 'no runlevel', after: act === 'enable' ? 'default' : 'no runlevel' }
  return act === 'start' || act === 'stop' ? { before: only.state, after: act === 'start' ? 'started' : 'stopped' } : {}
}

/** How the access guard takes it back for what a host is reached and kept by. */
function undoOf(act: Act, services: readonly OpenrcService[]): Command[] {
  const names = services.map(({ name }) => name)
  if (names.length === 0) return []
  if (act === 'disable') return services.flatMap(({ name, runlevels }) => runlevels.map((runlevel) => enable([name], runlevel)))
  if (act === 'stop') return [bringUp('start', names)]
  return act === 'restart' || act === 'reload' ? [bringUp('restart', names)] : []
}
