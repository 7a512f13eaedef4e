import { defineOperation, quote, script } from '@chaos/core'
import type { Change, Command, Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { unit as unitFact } from '../facts/systemd-units.ts'
import { unit as unitOperation } from './unit.ts'
import { unitDifference } from './difference.ts'
import { unit, user } from './name.ts'
import { unitTouch, unitSources } from './scope.ts'
import { unitChanges } from './unit-changes.ts'

const span = z.union([z.string().min(1), z.number().nonnegative()]).transform(String).optional()
const schema = z
  .strictObject({
    name: unit.refine((name) => /\.(service|timer)$/.test(name), 'a timer has the name of a service').transform((name) => name.replace(/\.(service|timer)$/, '')).describe('The timer, and the service it starts: backup.'),
    onCalendar: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional().describe("When, as `systemd-analyze calendar` takes it: 'daily', 'Mon..Fri 02:30'."),
    onBoot: span.describe("So long after the boot: '15min', or seconds."),
    onActive: span.describe('So long after the service was started last, again and again.'),
    randomizedDelay: span.describe('Waits up to so long more, differently on each host.'),
    persistent: z.boolean().default(true).describe('Makes up for what was missed while the machine was off.'),
    command: z.string().min(1).optional().describe("What it runs, as ExecStart= takes it: an absolute path with arguments, no shell. Not given = the service is there already."),
    runAs: z.string().min(1).optional().describe('The user whom the command runs as. Default root.'),
    present: z.boolean().default(true).describe('false = the timer, and the service it made, must not be there.'),
    user,
  })
  .refine(({ onCalendar, onBoot, onActive, present }) => !present || onCalendar !== undefined || onBoot !== undefined || onActive !== undefined, 'say when: onCalendar, onBoot or onActive')
  .refine(({ command, runAs }) => runAs === undefined || command !== undefined, 'runAs is for a command')
type Args = z.output<typeof schema>

/** A timer that is on, with the command it runs: the unit files and their state in one. */
export const timer = defineOperation({
  name: 'systemd.timer',
  about: 'Ensures that a timer is there, enabled and running, with the command that it runs; or that it is gone.',
  args: schema,
  example: { name: 'backup', onCalendar: '02:30', command: '/usr/local/bin/backup' },
  diff,
  touches: ({ name, user: whose }) => [unitTouch(`${name}.timer`, whose), unitTouch(`${name}.service`, whose), ...unitSources(whose).filter(({ kind }) => kind === 'path').slice(0, 1)],
})

async function diff(args: Args, host: Host): Promise<Diff> {
  const { name, user: whose, command, runAs, present } = args
  const timed = { name: `${name}.timer`, ...(whose === undefined ? {} : { user: whose }) }
  const run = { ...timed, name: `${name}.service` }
  const started = { Unit: { Description: `Runs ${name}` }, Service: { Type: 'oneshot', ExecStart: command ?? '', ...(runAs === undefined ? {} : { User: runAs }) } }
  const [file, service, have] = await Promise.all([
    compared(present ? { ...timed, sections: sectionsOf(args) } : { ...timed, present }, host),
    command === undefined && present ? [] : compared(present ? { ...run, sections: started } : { ...run, present }, host),
    host.fact(unitFact(timed.name, whose)),
  ])
  if (!present) return [...file, ...service]
  // As it will be once its file is written.
  const written = file.length > 0 && (have.load === 'not-found' || have.file === 'static') ? { ...have, load: 'loaded', file: 'disabled', needsReload: false } : { ...have, needsReload: false }
  const acts = unitDifference({ enabled: true, ...(have.online ? { running: true } : {}) }, written, file.length > 0 ? { restart: Infinity } : {})
  return [...calendarChecked(file, args), ...service, ...(acts === 'later' ? [] : unitChanges([{ unit: written, acts }], { user: whose, host, several: false }))]
}

/** Both files are compared as systemd.unit does it. */
async function compared(args: Parameters<typeof unitOperation>[0], host: Host): Promise<readonly Change[]> {
  const { definition } = unitOperation
  const checked = await definition.args['~standard'].validate(args)
  if (checked.issues) throw new Error(checked.issues.map(({ message }) => message).join('; '))
  const found = await definition.diff(checked.value, host)
  return 'later' in found ? [] : found
}

function sectionsOf({ name, onCalendar = [], onBoot, onActive, randomizedDelay, persistent }: Args) {
  const given = { OnBootSec: onBoot, OnUnitActiveSec: onActive, RandomizedDelaySec: randomizedDelay }
  const spans = Object.fromEntries(Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])))
  const calendar = [onCalendar].flat()
  return {
    Unit: { Description: `Starts ${name}` },
    Timer: { ...(calendar.length === 0 ? {} : { OnCalendar: calendar, Persistent: persistent }), ...spans },
    Install: { WantedBy: 'timers.target' },
  }
}

/** systemd-analyze says of a time it cannot read what is wrong with it; of the unit it would say only that a setting is missing. */
function calendarChecked(changes: readonly Change[], { onCalendar = [] }: Args): readonly Change[] {
  const [first, ...rest] = changes
  const times = [onCalendar].flat()
  if (first === undefined || times.length === 0) return changes
  return [{ ...first, do: [{ run: calendar(times) }, ...first.do] }, ...rest]
}

function calendar(times: readonly string[]): Command {
  return script(`! command -v systemd-analyze >/dev/null 2>&1 || LC_ALL=C systemd-analyze calendar -- ${times.map(quote).join(' ')} >/dev/null`)
}
