import type { Change, Command, Host } from '@chaos/core'
import type { Unit } from '../facts/systemd-units.ts'
import { changesByAct, serviceRemovals } from '../server/service-changes.ts'
import { bringUp, daemonReload, systemctl } from './commands.ts'
import { ACTS } from './difference.ts'
import type { Act } from './difference.ts'

export interface Differing {
  readonly unit: Unit
  readonly acts: readonly Act[]
}

export interface ChangeOptions {
  readonly user: string | undefined
  readonly host: Pick<Host, 'protects'>
  /** Their names are told: the operation is about several. */
  readonly several: boolean
  /** Stopping and disabling count as removals, of so many. */
  readonly removesOf?: number | undefined
}

/** The changes of many units: one command of a kind, in the order in which they are safe. */
export function unitChanges(differing: readonly Differing[], options: ChangeOptions): Change[] {
  return changesByAct(ACTS, differing, (act, found) => changeOf(act, found, options))
}

function changeOf(act: Act, differing: readonly Differing[], { user, host, removesOf, several }: ChangeOptions): Change {
  const names = differing.map(({ unit }) => unit.name)
  // A socket would start it again at the next connection.
  const sockets = act === 'stop' ? [...new Set(differing.flatMap(({ unit }) => unit.triggeredBy.filter((each) => each.endsWith('.socket'))))] : []
  const undo = user === undefined ? undoOf(act, differing, host, sockets) : []
  const removes = removesOf === undefined ? [] : serviceRemovals(act, differing.map(({ unit: { name }, acts }) => ({ name, acts })), removesOf)
  return {
    summary: summaryOf(act, differing, several, sockets),
    ...shown(act, differing, several),
    ...(removes.length === 0 ? {} : { removes }),
    ...(undo.length === 0 ? {} : { risk: 'access' as const, undo }),
    do: [{ run: commandOf(act, [...sockets, ...names], user) }],
  }
}

function commandOf(act: Act, names: readonly string[], user: string | undefined): Command {
  if (act === 'daemon-reload') return daemonReload(names, user)
  return act === 'start' || act === 'restart' || act === 'reload' ? bringUp(act, names, user) : systemctl(act, names, user)
}

function summaryOf(act: Act, differing: readonly Differing[], several: boolean, sockets: readonly string[]): string {
  if (act === 'daemon-reload') return 'daemon-reload: unit files were changed'
  const said = ({ unit: { active, result, exitStatus } }: Differing): string => (act === 'start' && active === 'failed' ? ` (failed: ${result}, exit status ${exitStatus})` : '')
  const names = differing.map((each) => (several ? ` ${each.unit.name}` : '') + said(each)).join(',')
  return `${act}${names}${sockets.length === 0 ? '' : `, and ${sockets.join(', ')} that would start it again`}`
}

function shown(act: Act, [only]: readonly Differing[], several: boolean): Pick<Change, 'before' | 'after'> {
  if (several || only === undefined) return {}
  if (act === 'enable' || act === 'disable') return { before: only.unit.file, after: `${act}d` }
  return act === 'start' || act === 'stop' ? { before: only.unit.active, after: act === 'start' ? 'active' : 'inactive' } : {}
}

const INVERSE: Partial<Record<Act, string>> = { stop: 'start', disable: 'enable', mask: 'unmask', restart: 'restart', reload: 'restart' }

/** How the access guard takes it back for what a host is reached and kept by. */
function undoOf(act: Act, differing: readonly Differing[], host: Pick<Host, 'protects'>, sockets: readonly string[]): Command[] {
  const verb = INVERSE[act]
  const names = differing.flatMap(({ unit }) => (host.protects('service', unit.name) === undefined && host.protects('service', unit.id) === undefined ? [] : [unit.name]))
  return verb === undefined || names.length === 0 ? [] : [systemctl(verb, [...sockets, ...names], undefined)]
}
