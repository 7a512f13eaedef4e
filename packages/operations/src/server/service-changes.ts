import type { Change, Removal } from '@chaos/core'

/** The changes of many services: one of a kind, in the order in which they are safe. */
export function changesByAct<A extends string, D extends { readonly acts: readonly A[] }>(order: readonly A[], differing: readonly D[], change: (act: A, found: readonly D[]) => Change): Change[] {
  return order.flatMap((act) => {
    const found = differing.filter(({ acts }) => acts.includes(act))
    return found.length === 0 ? [] : [change(act, found)]
  })
}

/** What a change takes away, of so many. Each service counts once, whether it is stopped, disabled or both. */
export function serviceRemovals(act: string, differing: readonly { readonly name: string; readonly acts: readonly string[] }[], of: number): Removal[] {
  const counted = differing.filter(({ acts }) => act === 'disable' || (act === 'stop' && !acts.includes('disable')))
  return counted.map(({ name }) => ({ kind: 'service', name, of: Math.max(of, 1) }))
}
