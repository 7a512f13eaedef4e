import { defineOperation, touch } from '@chaos/core'
import type { Diff, Host, Touch } from '@chaos/core'
import { z } from 'zod'
import { enabledServices, unit as unitFact } from '../facts/systemd-units.ts'
import { serviceMembers } from '../server/service-members.ts'
import { newestOf } from '../server/service-newest.ts'
import { meantOr } from '../union-message.ts'
import { unitDifference } from './difference.ts'
import { unit, user } from './name.ts'
import { unitTouch } from './scope.ts'
import { unitChanges } from './unit-changes.ts'

const schema = z
  .strictObject({
    name: z
      .union([unit, z.array(unit).min(1)], { error: meantOr('a unit is given by its name, or several as a list') })
      .transform((names) => [...new Set([names].flat())])
      .describe('A unit, or several that shall be the same; `.service` is added where no suffix is given.'),
    ...serviceMembers,
    masked: z.boolean().optional().describe('true = nothing can start it any more, and it is stopped; false = it is unmasked. Not given = not managed.'),
    user,
  })
  .superRefine((args, check) => {
    for (const message of contradictions(args)) check.addIssue({ code: 'custom', message })
  })
export type ServiceArgs = z.output<typeof schema>
type Args = ServiceArgs

/** A unit that runs or not, starts with the machine or not; or is restarted once, when its files have changed. */
export const service = defineOperation({
  name: 'systemd.service',
  about: 'Ensures that units of systemd run or not, and start with the machine or not; restarts them when their files are newer.',
  args: schema,
  example: { name: 'nginx', running: true, enabled: true, reloadWhenNewer: ['/etc/nginx'] },
  diff: serviceDiff,
  touches: ({ name, user }) => name.map((each) => unitTouch(each, user)),
  follows: followed,
  action: ({ state }) => state !== undefined,
  title: ({ name, user, state }) => `${name.join(' ')}${user === undefined ? '' : ` of ${user}`}${state === undefined ? '' : ` ${state}`}`,
})

/** What is to be off may come on with a package: many start what they bring. */
function followed({ restartWhenNewer, reloadWhenNewer, running, enabled }: Args): readonly Touch[] {
  return [...[...restartWhenNewer, ...reloadWhenNewer].map(touch.path), ...(running === false || enabled === false ? [touch.named('package')] : [])]
}

/** The difference of units that shall be the same. */
export async function serviceDiff(args: Args, host: Host): Promise<Diff> {
  const [newest, enabled, units] = await Promise.all([
    newestOf(args, host),
    args.removes ? host.fact(enabledServices()) : [],
    Promise.all(args.name.map((name) => host.fact(unitFact(name, args.user)))),
  ])
  const differences = units.map((each) => ({ unit: each, acts: unitDifference(args, each, newest) }))
  const missing = differences.filter(({ acts }) => acts === 'later').map(({ unit: { name } }) => name)
  if (missing.length > 0) return { later: `${missing.length === 1 ? 'unit' : 'units'} ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not there yet` }
  const differing = differences.flatMap(({ unit: each, acts }) => (acts === 'later' || acts.length === 0 ? [] : [{ unit: each, acts }]))
  return unitChanges(differing, { user: args.user, host, ...(args.removes ? { removesOf: enabled.length } : {}), several: args.name.length > 1 })
}

function contradictions({ running, enabled, masked, state, restartWhenNewer, reloadWhenNewer }: Pick<Args, 'running' | 'enabled' | 'masked' | 'state' | 'restartWhenNewer' | 'reloadWhenNewer'>): string[] {
  const watches = restartWhenNewer.length + reloadWhenNewer.length > 0
  if (masked === true && (running === true || enabled === true || state !== undefined || watches)) return ['what is masked can neither run nor be enabled']
  if (running === false && (state !== undefined || watches)) return ['what is not to run can neither be restarted nor reloaded']
  if (state !== undefined && watches) return ['give either state, which always acts, or restartWhenNewer and reloadWhenNewer']
  if (running === undefined && enabled === undefined && masked === undefined && state === undefined && !watches) return ['say what it should be: running, enabled, masked, state, restartWhenNewer or reloadWhenNewer']
  return []
}
