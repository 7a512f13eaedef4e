import type { Comment, ListNode, MapNode, Node, Span } from './tree.ts'

type Container = MapNode | ListNode

/** A key or an item of a list, and what it stands in, from the root. */
interface Seat {
  start: number
  holds: Node
  isEntry: boolean
  ancestors: readonly Container[]
}

/**
 * Finds the comments and gives each to the map or list it belongs to, whose path seals it. As go-yaml does: what stands above a
 * key belongs beside it, what stands behind a value beside that value; else indentation decides.
 */
export function placeComments(root: MapNode, text: string): void {
  if (!text.includes('#')) return
  const seats: Seat[] = []
  const solids: Span[] = []
  collect(root, [root], seats, solids)
  const seatOf = new Map(seats.map((seat) => [seat.holds, seat]))
  const placed = new Map<Container, { order: number; comment: Comment }[]>()
  let next = 0
  for (const comment of find(text, solids)) {
    while (next < seats.length && (seats[next] as Seat).start < comment.start) next++
    const { container, order } = place(comment, { root, seats, next, seatOf, text })
    const own = placed.get(container) ?? []
    own.push({ order, comment })
    placed.set(container, own)
  }
  for (const [container, own] of placed) {
    const items = container.items.map((item) => ({ order: item.kind === 'entry' ? item.keySpan.start : item.start, item }))
    container.items = [...items, ...own.map(({ order, comment }) => ({ order, item: comment }))].toSorted((a, b) => a.order - b.order).map(({ item }) => item) as never
  }
}

function collect(container: Container, ancestors: readonly Container[], seats: Seat[], solids: Span[]): void {
  for (const item of container.items) {
    if (item.kind === 'comment') continue
    const isEntry = item.kind === 'entry'
    const holds = isEntry ? item.node : item
    seats.push({ start: isEntry ? item.keySpan.start : item.start, holds, isEntry, ancestors })
    if (isEntry) solids.push(item.keySpan)
    if (holds.kind === 'leaf') solids.push(holds)
    else collect(holds, [...ancestors, holds], seats, solids)
  }
}

/** Comments in the gaps between keys and values. */
function find(text: string, solids: readonly Span[]): Comment[] {
  const found: Comment[] = []
  let from = 0
  for (const { start, end } of [...solids, { start: text.length, end: text.length }]) {
    for (const match of text.slice(from, start).matchAll(/#[^\n]*/g)) {
      const at = from + match.index
      if (at > 0 && !/\s/.test(text[at - 1] as string)) continue
      const line = match[0].replace(/\r$/, '')
      found.push({ kind: 'comment', text: line.slice(1), start: at, end: at + line.length })
    }
    from = Math.max(from, end)
  }
  return found
}

interface Surroundings {
  root: MapNode
  seats: readonly Seat[]
  /** Index of the first seat behind the comment. */
  next: number
  seatOf: ReadonlyMap<Node, Seat>
  text: string
}

function place({ start }: Comment, { root, seats, next, seatOf, text }: Surroundings): { container: Container; order: number } {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const column = start - lineStart
  const previous = seats[next - 1]

  const around = previous && [...previous.ancestors, ...containers(previous.holds)].findLast((each) => each.flow && each.start < start && each.end > start)
  if (around) return { container: around, order: start }

  if (previous && text.slice(lineStart, start).trim() !== '') {
    // Behind a map or list in braces that a key holds: it belongs inside.
    const flow = [...previous.ancestors, ...containers(previous.holds)].find((each) => each.flow)
    const holder = flow ? seatOf.get(flow) : previous
    if (flow && holder?.isEntry) return { container: flow, order: flow.start }
    if (holder) return { container: holder.ancestors.at(-1) as Container, order: holder.start - 0.5 }
  }

  const line = next < seats.length ? text.lastIndexOf('\n', (seats[next] as Seat).start) : 0
  for (let index = next; index < seats.length && text.lastIndexOf('\n', (seats[index] as Seat).start) === line; index++) {
    const beside = (seats[index] as Seat).ancestors.at(-1) as Container
    if (!beside.flow && beside.column === column) return { container: beside, order: start }
  }
  return { container: previous?.ancestors.findLast((each) => !each.flow && each.column <= column) ?? root, order: start }
}

function containers(node: Node): Container[] {
  return node.kind === 'leaf' ? [] : [node]
}
