import type { Diff, Elevation, Host, Op, Operation } from '@chaos/core'

/** What an operation would change on a host, seen as the user its options name. */
export async function diffOf(op: Op, host: Host): Promise<Diff> {
  const { root, sudo, sudoUser, su, doas } = op.options
  const as = Object.fromEntries(Object.entries({ root, sudo, sudoUser, su, doas }).filter(([, value]) => value !== undefined)) as Elevation
  const { diff } = op.definition as unknown as Operation<unknown, unknown>['definition']
  return diff(op.args, Object.keys(as).length > 0 ? host.as(as) : host)
}

/** The phrases of a difference; of one that is not known yet, the reason: `later: …`. */
export async function summariesOf(op: Op, host: Host): Promise<string[]> {
  const found = await diffOf(op, host)
  return 'later' in found ? [`later: ${found.later}`] : found.map(({ summary }) => summary)
}
