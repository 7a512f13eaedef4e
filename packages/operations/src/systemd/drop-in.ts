import { defineOperation, touch } from '@chaos/core'
import type { Change, Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { stat } from '../facts/stat.ts'
import { unit as unitFact } from '../facts/systemd-units.ts'
import { removal } from '../files/surroundings.ts'
import { unitFile, user } from './name.ts'
import { unitTouch } from './scope.ts'
import { stale } from './unit.ts'
import { fileChanges, fileMembers, isTemplate, ONE_SOURCE, oneSource, unitFolder, withReload } from './unit-file.ts'

const schema = z
  .strictObject({
    unit: unitFile.describe('The unit it belongs to.'),
    name: z
      .string()
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_.@-]*$/, 'a drop-in is named by letters, digits, _, . and -: 10-limits')
      .transform((name) => (name.endsWith('.conf') ? name : `${name}.conf`))
      .default('override.conf')
      .describe('Its file; `.conf` is added. Default override.conf, which `systemctl edit` writes.'),
    ...fileMembers,
    user,
  })
  .refine(oneSource, ONE_SOURCE)
type Args = z.output<typeof schema>

/** A drop-in: settings of a unit that are changed without touching its file. */
export const dropIn = defineOperation({
  name: 'systemd.dropIn',
  about: 'Ensures that a drop-in changes some settings of a unit, checked by systemd-analyze before it is live and read by systemd at once; or that it is gone.',
  args: schema,
  example: { unit: 'nginx', name: '10-limits', sections: { Service: { LimitNOFILE: 65536 } } },
  diff,
  touches: ({ unit, name, user: whose }) => [unitTouch(unit, whose), ...(whose === undefined ? [touch.path(`/etc/systemd/system/${unit}.d/${name}`)] : [])],
  title: ({ unit, name }) => `${unit} ${name}`,
})

async function diff(args: Args, host: Host): Promise<Diff> {
  const { unit, user: whose, reload } = args
  const [changes, have] = await Promise.all([compareFile(args, host), isTemplate(unit) || !reload ? undefined : host.fact(unitFact(unit, whose))])
  return changes.length > 0 || have === undefined ? changes : stale(have, whose, host)
}

async function compareFile(args: Args, host: Host): Promise<readonly Change[]> {
  const { unit, name, user: whose, present, reload } = args
  const file = `${unit}.d/${name}`
  const path = `${await unitFolder(whose, host)}/${file}`
  if (present) return fileChanges(args, { path, file, unit, user: whose }, host)
  const there = await host.fact(stat(path))
  return there ? withReload([removal(path, there)], reload, unit, whose) : []
}
