import type { Host } from '@chaos/core'
import { cannotEnable, facts, isUp, newestOf, unitDifference, unitName } from '@chaos/operations'
import type { Act, Newest, Unit, WantedUnit } from '@chaos/operations'
import type { Item } from './keys.ts'
import { filesOf, lookAtFiles } from './unit-files.ts'
import type { UnitFile } from './unit-files.ts'

/** One unit with what it shall be. */
export interface Target {
  readonly item: Item
  readonly unit: Unit
  readonly wanted: WantedUnit
  readonly restartWhenNewer: readonly string[]
  readonly reloadWhenNewer: readonly string[]
  readonly files: readonly UnitFile[]
  /** What differs; `later` = the unit is not there yet, `unclear` = its operation says why. */
  readonly acts: readonly Act[] | 'later' | 'unclear'
}

/** Looks at the unit of an item, or at all whose names begin so. */
export async function lookAtItem(item: Item, host: Host): Promise<Target[]> {
  const root = host.as({ root: true })
  const { name, user, dense_service, restart_on = [], reload_on = [] } = item
  const lying = await filesOf(item, host)
  const own = item.running === false || item.masked === true ? [] : lying.map(({ path }) => path)
  const restartWhenNewer = [...restart_on, ...own]
  const [units, files, newest] = await Promise.all([
    dense_service === true ? root.fact(facts.unitsLike(name, user)) : root.fact(facts.unit(unitName(name), user)).then((unit) => [unit]),
    lookAtFiles(item, lying, host),
    newestOf({ restartWhenNewer, reloadWhenNewer: reload_on }, root),
  ])
  return units.map((unit) => {
    const wanted = wantedOf(item, unit)
    return { item, unit, wanted, files, restartWhenNewer, reloadWhenNewer: reload_on, acts: actsOf(wanted, unit, newest) }
  })
}

/** The defaults hold as far as they can: where no systemd runs nothing is started, and what cannot be enabled is left at that. */
function wantedOf(item: Item, unit: Unit): WantedUnit {
  const { state, running, on_boot, masked } = item
  if (state === 'absent') return { running: false, enabled: false }
  if (masked === true) return { masked }
  const installs = typeof item.unit === 'string' ? /^\[Install\]/m.test(item.unit) : cannotEnable(unit) === undefined
  return {
    running: running ?? (unit.online || unit.load === 'not-found' ? true : undefined),
    enabled: (on_boot ?? true) ? (installs ? true : undefined) : false,
    ...(masked === undefined ? {} : { masked }),
  }
}

function actsOf(wanted: WantedUnit, unit: Unit, newest: Newest): Target['acts'] {
  try {
    return unitDifference(wanted, unit, newest)
  } catch {
    // The operation meets the same, and says it where it can be foreseen that an earlier one mends it.
    return 'unclear'
  }
}

/** What the role itself turns on, so that it can be turned off again. */
export function turnedOn({ item, unit, wanted }: Target): { enabled?: true; running?: true } {
  // What comes with a package is looked at again when it is there: it may be on by itself.
  if (unit.load === 'not-found' && item.unit === undefined) return {}
  return {
    ...(wanted.enabled === true && unit.file !== 'enabled' && unit.file !== 'alias' && unit.file !== 'indirect' ? { enabled: true } : {}),
    ...(wanted.running === true && !isUp(unit) && !(unit.type === 'oneshot' && !unit.remainsAfterExit) ? { running: true } : {}),
  }
}
