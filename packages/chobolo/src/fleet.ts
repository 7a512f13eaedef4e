import type { Position } from '@chaos/core'
import { readHosts } from './fleet-hosts.ts'
import { readGroups, readRestrictions } from './fleet-groups.ts'
import { createShape } from './shape.ts'
import type { Shape } from './shape.ts'
import { refuseProblems } from './problem.ts'
import type { Resolver } from './resolve.ts'
import type { Source } from './source.ts'
import { child } from './tree.ts'
import type { MapNode } from './tree.ts'

/** A host as the fleet names it. */
export interface FleetHost {
  readonly name: string
  /** Its data without the reserved keys `groups` and `overlay`. */
  readonly data: Record<string, unknown>
  readonly groups: string[]
  readonly position: Position
  /** Whether it has an overlay; {@link Chobolo.resolve} lays it. */
  readonly overlay: boolean
}

export interface FleetGroup {
  /** Name patterns of its hosts. */
  readonly hosts: readonly string[]
  /** Data of its hosts; a host's own win. */
  readonly data: Readonly<Record<string, unknown>>
  readonly overlay: boolean
}

export type RestrictionList = Readonly<Record<string, Readonly<Record<string, boolean>>>>

export interface Fleet {
  readonly hosts: readonly FleetHost[]
  readonly boats: readonly { readonly provider: string; readonly config?: unknown }[]
  /** Hosts worked on at once; 0 = all. Not given = the engine's default. */
  readonly parallelism?: number
  readonly restrictions: { readonly allow_list?: RestrictionList; readonly black_list?: RestrictionList }
  readonly groups: Readonly<Record<string, FleetGroup>>
}

/** The fleet section; undefined if there is none. Throws CHOBOLO_INVALID with all of its problems. */
export async function readFleet(root: MapNode, source: Source, resolver: Pick<Resolver, 'values'>): Promise<Fleet | undefined> {
  const node = child(root, 'fleet')?.value
  if (!node) return undefined
  const shape = createShape(source, resolver)
  const path = ['fleet']
  const part = shape.map(node, path, 'The fleet', ['hosts', 'parallelism', 'boats', 'restrictions', 'groups'])
  const fleet: Fleet = {
    hosts: await readHosts(part('hosts'), shape),
    boats: await readBoats(part('boats'), shape),
    ...(await readParallelism(part('parallelism'), shape)),
    restrictions: await readRestrictions(part('restrictions'), shape),
    groups: await readGroups(part('groups'), shape),
  }
  refuseProblems(shape.problems)
  return fleet
}

type Part = ReturnType<ReturnType<Shape['map']>>

async function readParallelism(part: Part, shape: Shape): Promise<{ parallelism?: number }> {
  if (!part) return {}
  const value = await shape.value(part)
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return { parallelism: value }
  if (value !== undefined) shape.problem('FLEET_SHAPE', part, '`fleet.parallelism` is a whole number.', 'Write how many hosts are worked on at once: parallelism: 20 (0 = all).')
  return {}
}

async function readBoats(part: Part, shape: Shape): Promise<Fleet['boats']> {
  const boats: { provider: string; config?: unknown }[] = []
  for (const item of shape.list(part, '`fleet.boats`', '- { provider: NAME, config: { … } }')) {
    const inner = shape.map(item.node, item.path, 'A boat', ['provider', 'config'])
    const provider = inner('provider')
    const config = inner('config')
    const name = provider && (await shape.value(provider))
    if (typeof name === 'string' && name !== '') boats.push({ provider: name, ...(config ? { config: await shape.value(config) } : {}) })
    else shape.problem('FLEET_SHAPE', provider ?? item, 'A boat names its provider.', 'Write - { provider: NAME, config: { … } }.')
  }
  return boats
}
