import type { HostView } from '../run/contract.ts'

/** What a pattern is compared with. */
export type Matchable = HostView & { readonly canonical?: string; readonly from?: readonly string[] }

/** Whether a name, a glob (`*`, `?`) or `group:NAME` names a host; also by what it was expanded from. */
export function matchesHost(pattern: string, host: Matchable): boolean {
  const group = groupOf(pattern)
  if (group !== undefined) return host.groups.some((each) => glob(group).test(each))
  return namesOf(host).some((name) => name === pattern || glob(pattern).test(name))
}

/** Whether a pattern is, letter by letter, a name of the host. */
export function isNameOf(pattern: string, host: Matchable): boolean {
  return namesOf(host).includes(pattern)
}

/** The names a host goes by: its own, the canonical one, and what it was expanded from. */
export function namesOf({ name, canonical, from = [] }: Matchable): readonly string[] {
  return canonical === undefined ? [name, ...from] : [name, canonical, ...from]
}

export function groupOf(pattern: string): string | undefined {
  return pattern.startsWith('group:') ? pattern.slice('group:'.length) : undefined
}

function glob(pattern: string): RegExp {
  const source = pattern.replace(/[\\^$.|+()[\]{}]/g, '\\$&').replace(/\*+/g, '.*').replaceAll('?', '.')
  return new RegExp(`^${source}$`, 'su')
}
