import type { HostScope } from './resolve.ts'
import { child, mapNode } from './tree.ts'
import type { MapNode, Node } from './tree.ts'

/** Root keys that hold on some hosts only. */
export interface Overlay {
  readonly id: string
  readonly node: MapNode
  appliesTo(host: HostScope): boolean
}

/** All overlays of a Ch-obolo in the order they are laid: groups as declared, then hosts. What has the wrong shape is the fleet's problem. */
export function overlaysOf(root: MapNode): Overlay[] {
  const fleet = child(root, 'fleet')?.value
  const groups = fleet && child(fleet, 'groups')?.value
  const hosts = fleet && child(fleet, 'hosts')?.value
  const found: Omit<Overlay, 'id'>[] = []
  for (const [name, entry] of groups?.kind === 'map' ? groups.entries : []) {
    const node = overlayOf(entry.value)
    if (node) found.push({ node, appliesTo: (host) => host.groups.includes(name) })
  }
  for (const map of hosts?.kind === 'list' ? hosts.items : hosts ? [hosts] : []) {
    for (const [name, entry] of map.kind === 'map' ? map.entries : []) {
      const node = overlayOf(entry.value)
      if (node) found.push({ node, appliesTo: (host) => host.name === name || (host.from?.includes(name) ?? false) })
    }
  }
  return found.map((each, index) => ({ ...each, id: String(index) }))
}

/** The overlay of a group or host. The fleet itself is the same for all. */
function overlayOf(owner: Node): MapNode | undefined {
  const node = child(owner, 'overlay')?.value
  return node?.kind === 'map' ? mapNode(node.at, new Map([...node.entries].filter(([key]) => key !== 'fleet'))) : undefined
}
