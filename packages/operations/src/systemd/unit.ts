import { defineOperation, touch } from '@chaos/core'
import type { Change, Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { stat } from '../facts/stat.ts'
import { unit as unitFact } from '../facts/systemd-units.ts'
import type { Unit } from '../facts/systemd-units.ts'
import { removal } from '../files/surroundings.ts'
import { unitDifference } from './difference.ts'
import { unitFile, user } from './name.ts'
import { unitTouch } from './scope.ts'
import { fileChanges, fileMembers, isTemplate, ONE_SOURCE, oneSource, unitFolder, withReload } from './unit-file.ts'
import { unitChanges } from './unit-changes.ts'

const schema = z.strictObject({ name: unitFile.describe('The unit file: app.service, backup.timer, worker@.service.'), ...fileMembers, user }).refine(oneSource, ONE_SOURCE)
type Args = z.output<typeof schema>

/** A unit file of the administrator. One that is to be absent is stopped and disabled first. */
export const unit = defineOperation({
  name: 'systemd.unit',
  about: 'Ensures that a unit file holds this, checked by systemd-analyze before it is live and read by systemd at once; or that it is gone, stopped and disabled.',
  args: schema,
  example: { name: 'app.service', sections: { Service: { ExecStart: '/usr/bin/app' }, Install: { WantedBy: 'multi-user.target' } } },
  diff,
  touches: ({ name, user: whose }) => [unitTouch(name, whose), ...(whose === undefined ? [touch.path(`/etc/systemd/system/${name}`)] : [])],
})

async function diff(args: Args, host: Host): Promise<Diff> {
  const { name, user: whose, present, reload } = args
  const [file, have] = await Promise.all([compareFile(args, host), isTemplate(name) || (present && !reload) ? undefined : host.fact(unitFact(name, whose))])
  if (present) return file.length > 0 || have === undefined ? file : stale(have, whose, host)
  if (file.length === 0) return []
  const acts = have === undefined ? [] : unitDifference({ running: false, enabled: false }, { ...have, needsReload: false })
  const ended = have === undefined || acts === 'later' ? [] : unitChanges([{ unit: have, acts }], { user: whose, host, several: false })
  return [...ended, ...withReload(file, reload, name, whose)]
}

async function compareFile(args: Args, host: Host): Promise<readonly Change[]> {
  const { name, user: whose, present } = args
  const path = `${await unitFolder(whose, host)}/${name}`
  if (present) return fileChanges(args, { path, file: name, unit: name, user: whose }, host)
  const there = await host.fact(stat(path))
  return there ? [removal(path, there)] : []
}

/** The file is right, but systemd has not read it: a run was cut off in between. */
export function stale(have: Unit, user: string | undefined, host: Host): readonly Change[] {
  return have.needsReload ? unitChanges([{ unit: have, acts: ['daemon-reload'] }], { user, host, several: false }) : []
}
