import { ChaosError, defineOperation, touch } from '@chaos/core'
import type { Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { accountCounts, group as groupFact, groupById } from '../facts/accounts.ts'
import { accountName, id } from './account/members.ts'
import { accountTools } from './account/tools.ts'

const schema = z
  .strictObject({
    name: accountName.describe('Name of the group.'),
    gid: id.optional().describe('Its id. Not given = the next one that is free, and not managed.'),
    system: z.boolean().default(false).describe('A new group gets an id of the system\'s range.'),
    present: z.boolean().default(true).describe('false = it must not be there.'),
  })
  .refine(({ present, gid }) => present || gid === undefined, { path: ['gid'], message: 'a group that is to be absent needs no gid' })
type Args = z.output<typeof schema>

/** A group. */
export const group = defineOperation({
  name: 'server.group',
  about: 'Ensures that a group is there, with this id, or that it is not there.',
  args: schema,
  example: { name: 'deploy', gid: 1500 },
  diff,
  touches: ({ name, gid, present }) => [touch.named('group', name), touch.named('gid', present && gid !== undefined ? String(gid) : undefined)],
})

async function diff({ name, gid, system, present }: Args, host: Host): Promise<Diff> {
  const [have, taken, counts, tools] = await Promise.all([
    host.fact(groupFact(name)),
    gid === undefined ? null : host.fact(groupById(gid)),
    present ? undefined : host.fact(accountCounts()),
    accountTools(host),
  ])
  if (!present) {
    if (!have) return []
    if (!have.local) throw foreign(name, host)
    return [{ summary: 'remove group', before: `gid ${have.gid}`, after: null, removes: [{ kind: 'group', name, ...(counts ? { of: counts.groups } : {}) }], do: [{ run: tools().removeGroup(name) }] }]
  }
  if (gid !== undefined && have?.gid !== gid && taken !== null) {
    throw new ChaosError('GID_TAKEN', { message: `The group ${name} cannot have the id ${gid} on ${host.name}: the group ${taken} has it.`, hint: 'Give another gid, or none.', host: host.name })
  }
  if (!have) return [{ summary: gid === undefined ? 'create group' : `create group, gid ${gid}`, before: null, do: [{ run: tools().addGroup({ name, gid, system }) }] }]
  if (gid === undefined || have.gid === gid) return []
  if (!have.local) throw foreign(name, host)
  return [{ summary: `gid ${have.gid} → ${gid}`, before: String(have.gid), after: String(gid), do: [{ run: tools().changeGroup(name, gid) }] }]
}

function foreign(name: string, host: Host): ChaosError {
  return new ChaosError('GROUP_NOT_LOCAL', {
    message: `The group ${name} comes to ${host.name} from a directory, and cannot be changed there.`,
    hint: 'Change it in the directory (LDAP, sssd), or give another name.',
    host: host.name,
  })
}
