import type { FleetHost } from './fleet.ts'
import type { Part, Shape } from './shape.ts'
import { describe } from './tree.ts'

const EXAMPLE = "- 'db1.example.net': { ssh_user: admin }"

/** Hosts: a list of one-key maps or names, or a map. */
export async function readHosts(part: Part | undefined, shape: Shape): Promise<FleetHost[]> {
  if (!part) return []
  const written = part.node.kind === 'map' ? shape.entries(part, EXAMPLE) : shape.list(part, '`fleet.hosts`', EXAMPLE).flatMap((item) => fromItem(item, shape))
  const seen = new Map<string, Part>()
  const hosts: FleetHost[] = []
  for (const host of written) {
    const first = seen.get(host.key)
    if (first) {
      const { line, column } = shape.position(first.at)
      shape.problem('FLEET_DUPLICATE_HOST', host, `The host \`${host.key}\` is here twice; the first is at ${line}:${column}.`, 'Put the data of both together, or give one another name.')
      continue
    }
    seen.set(host.key, host)
    hosts.push(await readHost(host, shape))
  }
  return hosts
}

function fromItem(item: Part, shape: Shape): (Part & { key: string })[] {
  const { node } = item
  if (node.kind === 'scalar' && typeof node.value === 'string' && node.value.trim() !== '') return [{ ...item, key: node.value }]
  if (node.kind === 'map') {
    const [only, second] = shape.entries(item, EXAMPLE)
    if (only && !second) return [only]
    if (second) {
      shape.problem('FLEET_SHAPE', second, `A host of the list is a map of one key, its name, and here a second one follows: \`${second.key}\`.`, `Indent the host's data below its name, or begin the next host with "- ".`)
      return []
    }
  }
  shape.problem('FLEET_SHAPE', item, `A host is a name or a map of one key, and here it is ${node.kind === 'map' ? 'an empty map' : describe(node)}.`, `Write ${EXAMPLE}.`)
  return []
}

async function readHost(host: Part & { key: string }, shape: Shape): Promise<FleetHost> {
  const data: Record<string, unknown> = {}
  let groups: string[] = []
  let overlay = false
  if (/\$\{/.test(host.key)) shape.problem('FLEET_SHAPE', host, `The name of a host takes no interpolation: \`${host.key}\`.`, 'Write the name itself.')
  for (const entry of host.node.kind === 'scalar' && host.node.value === host.key ? [] : shape.entries(host, EXAMPLE)) {
    if (entry.key === 'groups') groups = await shape.texts(entry)
    else if (entry.key === 'overlay') overlay = checkOverlay(entry, shape)
    else data[entry.key] = await shape.value(entry)
  }
  return { name: host.key, data, groups, position: shape.position(host.at), overlay }
}

/** An overlay is a map of root keys. Its values are looked at when they are laid. */
export function checkOverlay(part: Part, shape: Shape): boolean {
  const entries = shape.entries(part, 'the root keys that differ: overlay: { packages: [git] }')
  for (const entry of entries) {
    if (entry.key === 'fleet') shape.problem('FLEET_SHAPE', entry, 'An overlay cannot change the fleet.', 'Put there only keys of roles and variables.')
  }
  return entries.length > 0
}
