import { ChaosError } from '@chaos/core'
import type { Unit } from '../facts/systemd-units.ts'
import type { Newest } from '../server/service-newest.ts'

/** A unit as it should be; what is not given is not managed. */
export interface WantedUnit {
  readonly running?: boolean | undefined
  readonly enabled?: boolean | undefined
  readonly masked?: boolean | undefined
  /** Does it whatever the state is. */
  readonly state?: 'restarted' | 'reloaded' | undefined
}

/** What is to be done with a unit, in the order in which it is done. */
export const ACTS = ['daemon-reload', 'unmask', 'enable', 'disable', 'stop', 'mask', 'start', 'restart', 'reload'] as const
export type Act = (typeof ACTS)[number]

/**
 * What differs of one unit, by which operation and role decide alike. `later` = it is not there yet. Contradictions with what
 * the unit is are errors that say what to do instead.
 */
export function unitDifference(wanted: WantedUnit, have: Unit, newest: Newest = {}): readonly Act[] | 'later' {
  const positive = wanted.running === true || wanted.enabled === true || wanted.state !== undefined
  if (have.load === 'not-found' && wanted.masked !== true) return positive ? 'later' : []
  const isMasked = have.load === 'masked' || have.file.startsWith('masked')
  if (isMasked && positive && wanted.masked !== false) throw masked(have)
  if (positive && !have.needsReload && (have.load === 'bad-setting' || have.load === 'error')) throw broken(have)
  const found: (Act | undefined)[] = [
    have.needsReload ? 'daemon-reload' : undefined,
    isMasked && wanted.masked === false ? 'unmask' : undefined,
    boot(wanted, have, isMasked),
    !isMasked && wanted.masked === true ? 'mask' : undefined,
    ...running(wanted, have, newest),
  ]
  return ACTS.filter((act) => found.includes(act))
}

/** Why a unit cannot be enabled; undefined = it can. */
export function cannotEnable({ file, load }: Unit): string | undefined {
  if (load === 'not-found') return undefined
  if (file === 'static' || file === '') return 'it has no [Install] section, so something else starts it'
  if (file === 'generated') return 'it is made anew at each boot from another file (an init script, /etc/fstab)'
  return file === 'transient' ? 'it is gone with the next boot' : undefined
}

/** What is enabled for this boot alone is not enabled. */
function boot({ enabled }: WantedUnit, have: Unit, isMasked: boolean): Act | undefined {
  if (enabled === undefined) return undefined
  // Behind a mask it cannot be seen; enabling twice is harmless.
  if (isMasked) return enabled ? 'enable' : undefined
  const on = have.file === 'enabled' || have.file === 'alias'
  if (!enabled) return on ? 'disable' : undefined
  if (on || have.file === 'indirect') return undefined
  const why = have.needsReload ? undefined : cannotEnable(have)
  if (why === undefined) return 'enable'
  throw new ChaosError('UNIT_NOT_ENABLED', {
    message: `${have.name} cannot be enabled: ${why}.`,
    hint: 'Leave `enabled` (in a Ch-obolo: on_boot) out; or give the unit an [Install] section, such as WantedBy=multi-user.target.',
    details: { unit: have.name, state: have.file },
  })
}

function running({ running: wanted, state, masked: mask }: WantedUnit, have: Unit, newest: Newest): (Act | undefined)[] {
  const wish = wanted ?? (mask === true ? false : undefined)
  if (!have.online) {
    if (wanted !== true && state === undefined) return []
    throw new ChaosError('NO_SYSTEMD', {
      message: `${have.name} cannot be ${state ?? 'started'}: its systemd does not run there.`,
      hint: 'In a chroot or an image only what starts with the machine can be set: leave `running` out. Units of a user need their manager: systemd.linger.',
      details: { unit: have.name },
    })
  }
  const up = isUp(have)
  if (state === 'restarted') return ['restart']
  if (state === 'reloaded') return [up ? reload(have) : 'start']
  if (wish === false) return [up || have.active === 'activating' ? 'stop' : undefined]
  if (wish === true && !up && !endsByItself(have)) return ['start']
  if (!up) return []
  if (isNewer(newest.restart, have.started)) return ['restart']
  return isNewer(newest.reload, have.changed) ? [reload(have)] : []
}

export function isUp({ active }: Unit): boolean {
  return active === 'active' || active === 'reloading' || active === 'refreshing'
}

/** A oneshot that does not remain is done and gone: that it does not run is no difference. */
function endsByItself({ type, remainsAfterExit }: Unit): boolean {
  return type === 'oneshot' && !remainsAfterExit
}

function isNewer(change: number | null | undefined, since: number | undefined): boolean {
  return change !== null && change !== undefined && since !== undefined && change > since
}

function reload(have: Unit): Act {
  if (have.canReload) return 'reload'
  throw new ChaosError('UNIT_NO_RELOAD', {
    message: `${have.name} cannot be reloaded: its unit has no ExecReload=.`,
    hint: 'Restart it instead (restarted, restartWhenNewer; in a Ch-obolo: restart_on).',
    details: { unit: have.name },
  })
}

function masked({ name }: Unit): ChaosError {
  return new ChaosError('UNIT_MASKED', {
    message: `${name} is masked: somebody has forbidden it to start.`,
    hint: 'If it may start again, say so: masked: false.',
    details: { unit: name },
  })
}

function broken({ name, load }: Unit): ChaosError {
  return new ChaosError('UNIT_BROKEN', {
    message: `${name} cannot be loaded by systemd (${load}).`,
    hint: `Its file is wrong: systemd-analyze verify ${name}`,
    details: { unit: name, load },
  })
}
