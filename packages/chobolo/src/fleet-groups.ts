import { checkOverlay } from './fleet-hosts.ts'
import type { Fleet, FleetGroup, RestrictionList } from './fleet.ts'
import { formatPath } from './path.ts'
import type { Part, Shape } from './shape.ts'
import { describe } from './tree.ts'

/** Groups: whose hosts they are, their data and overlays. */
export async function readGroups(part: Part | undefined, shape: Shape): Promise<Fleet['groups']> {
  const groups: Record<string, FleetGroup> = {}
  for (const group of shape.entries(part, "web: { hosts: ['web-*'], data: { … }, overlay: { … } }")) {
    const inner = shape.map(group.node, group.path, `The group \`${group.key}\``, ['hosts', 'data', 'overlay'])
    const overlay = inner('overlay')
    const data: Record<string, unknown> = {}
    for (const entry of shape.entries(inner('data'), 'data: { ssh_user: admin }')) data[entry.key] = await shape.value(entry)
    groups[group.key] = { hosts: await shape.texts(inner('hosts')), data, overlay: overlay !== undefined && checkOverlay(overlay, shape) }
  }
  return groups
}

/** Who may and who may not run which roles. What both lists say together is decided by the engine. */
export async function readRestrictions(part: Part | undefined, shape: Shape): Promise<Fleet['restrictions']> {
  if (!part) return {}
  const inner = shape.map(part.node, part.path, '`fleet.restrictions`', ['allow_list', 'black_list'])
  const allow = inner('allow_list')
  const black = inner('black_list')
  return { ...(allow ? { allow_list: await readList(allow, shape) } : {}), ...(black ? { black_list: await readList(black, shape) } : {}) }
}

async function readList(part: Part, shape: Shape): Promise<RestrictionList> {
  const hosts: Record<string, Record<string, boolean>> = {}
  for (const host of shape.entries(part, 'db1: { users: true }')) {
    const roles: Record<string, boolean> = {}
    for (const role of shape.entries(host, `${host.key}: { users: true }`)) {
      const value = await shape.value(role)
      if (typeof value === 'boolean') roles[role.key] = value
      else if (value !== undefined) {
        shape.problem('FLEET_SHAPE', { at: role.node.at }, `\`${formatPath(role.path)}\` is true or false, and here it is ${describe(role.node)}.`, `Write ${role.key}: true, or ${role.key}: false.`)
      }
    }
    hosts[host.key] = roles
  }
  return hosts
}
