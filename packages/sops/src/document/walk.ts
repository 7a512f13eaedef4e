import type { Comment, Leaf, ListNode, MapNode } from './tree.ts'

export interface Visit {
  /** The keys of maps that lead here. Lists count nothing: their items share one path, as in sops. */
  path: readonly string[]
  /** Comments in force: per container from the root, those right above what comes next in it. */
  comments: readonly (readonly string[])[]
  parent: MapNode | ListNode
  /** Keys and indexes, for messages. */
  place: readonly (string | number)[]
}

/** Visits leaves and comments in the order in which sops hashes and encrypts them. The entry `sops` of the root is left out. */
export function walk(root: MapNode, visit: (item: Leaf | Comment, at: Visit) => void): void {
  const into = (container: MapNode | ListNode, path: readonly string[], outer: readonly (readonly string[])[], place: readonly (string | number)[]): void => {
    const own: string[] = []
    const comments = [...outer, own]
    let index = 0
    for (const item of container.items) {
      if (item.kind === 'comment') {
        own.push(item.text)
        visit(item, { path, comments, parent: container, place })
        continue
      }
      if (item.kind === 'entry' && container === root && item.key === 'sops') continue
      const node = item.kind === 'entry' ? item.node : item
      const inner = item.kind === 'entry' ? [...path, item.key] : path
      const innerPlace = [...place, item.kind === 'entry' ? item.key : index++]
      if (node.kind !== 'leaf') into(node, inner, comments, innerPlace)
      else if (node.value !== null) visit(node, { path: inner, comments, parent: container, place: innerPlace })
      own.length = 0
    }
  }
  into(root, [], [], [])
}

/** The entry of the root that holds the metadata. */
export function sopsEntry(root: MapNode): Extract<MapNode['items'][number], { kind: 'entry' }> | undefined {
  return root.items.find((item) => item.kind === 'entry' && item.key === 'sops') as ReturnType<typeof sopsEntry>
}
