import type { Delta, Host } from '@chaos/core'
import { differs } from '@chaos/operations'
import type { Services } from './keys.ts'
import { lookAtLeft } from './left.ts'
import type { Left, LeftService } from './left.ts'
import { lookAtItem } from './target.ts'
import type { Target } from './target.ts'
import type { LeftFile } from './unit-files.ts'

export interface Looked {
  readonly targets: readonly Target[]
  readonly left: Left
}

/** All that is known of a host, asked at once. */
export async function look({ list, exclusive }: Services, host: Host): Promise<Looked> {
  const targets = Promise.all(list.map((item) => lookAtItem(item, host))).then(eachOnce)
  const [found, left] = await Promise.all([targets, lookAtLeft({ list, exclusive }, host, targets)])
  return { targets: found, left }
}

/** What is named by itself is not meant by the beginning of a name too. */
function eachOnce(found: readonly (readonly Target[])[]): Target[] {
  const byName = new Map<string, Target>()
  const all = found.flat()
  for (const target of [...all.filter(({ item }) => item.dense_service === true), ...all.filter(({ item }) => item.dense_service !== true)]) {
    byName.set(`${target.unit.id} ${target.item.user ?? ''}`, target)
  }
  return all.filter((target) => byName.get(`${target.unit.id} ${target.item.user ?? ''}`) === target)
}

export interface ServicesDelta extends Delta {
  readonly change: readonly Target[]
  readonly remove: readonly (LeftService | LeftFile)[]
}

/** What differs. A service that follows files, or is not there yet, is drawn along, so that the plan can say what hangs on earlier operations. */
export function deltaOf({ targets, left }: Looked): ServicesDelta {
  return {
    change: targets.filter(({ acts, files, unit, restartWhenNewer, reloadWhenNewer }) =>
      acts === 'later' || acts === 'unclear' || acts.length > 0 || unit.load === 'not-found' || restartWhenNewer.length + reloadWhenNewer.length > 0 || files.some(({ diff }) => differs(diff))),
    remove: [...left.services, ...left.files.filter(({ kept }) => kept === undefined)],
    kept: [...left.kept, ...targets.flatMap(notEnabled)],
  }
}

/** What somebody wants to start with the machine, and cannot. */
function notEnabled({ item, wanted, unit }: Target): string[] {
  return item.on_boot === true && wanted.enabled === undefined && wanted.masked !== true ? [`${unit.name}: it has no [Install] section, so on_boot says nothing`] : []
}
