import type { RunOptions } from '../run/contract.ts'
import { matchesHost } from './match-host.ts'
import type { Matchable } from './match-host.ts'

/** The groups of a host: its own, and those whose patterns name it, in the order they are declared. */
export function groupsOf(host: Matchable, groups: RunOptions['groups'] = {}): string[] {
  const byPattern = Object.entries(groups).filter(([, { hosts = [] }]) => hosts.some((pattern) => matchesHost(pattern, host)))
  return [...new Set([...host.groups, ...byPattern.map(([name]) => name)])]
}

/** A host's data: those of its groups in the order the groups are declared, a later one wins, and its own win over all. */
export function withGroupData(own: Readonly<Record<string, unknown>>, names: readonly string[], groups: RunOptions['groups'] = {}): Record<string, unknown> {
  const result = Object.create(null) as Record<string, unknown>
  for (const [name, { data }] of Object.entries(groups)) {
    if (names.includes(name)) Object.assign(result, data)
  }
  return Object.assign(result, own)
}
