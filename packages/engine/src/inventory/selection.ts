import { ChaosError, nearest } from '@chaos/core'
import type { HostView, Restrictions } from '../run/contract.ts'
import { groupOf, isNameOf, matchesHost, namesOf } from './match-host.ts'
import type { Matchable } from './match-host.ts'
import { restrictionVerdict } from './restrictions.ts'

export interface SelectionOptions {
  /** Names, globs or `group:NAME`. Not given = all hosts. */
  readonly limit?: readonly string[] | undefined
  /** The same, taken away again. */
  readonly exclude?: readonly string[] | undefined
  readonly restrictions?: Restrictions | undefined
}

export type Decision = { readonly run: true } | { readonly run: false; readonly reason: string }

export interface Selection<H extends HostView> {
  /** In the fleet's order. */
  readonly hosts: readonly H[]
  /** Whether a role runs on a host; if not, why. Throws where the restrictions contradict each other. */
  decide(host: H, role: string): Decision
}

/** The one place that decides what runs where. */
export function createSelection<H extends Matchable>(hosts: readonly H[], options: SelectionOptions): Selection<H> {
  const selected = select(hosts, options)
  const names = new Set(selected.map((host) => host.name))
  return {
    hosts: selected,
    decide(host, role) {
      if (!names.has(host.name)) return { run: false, reason: 'not selected' }
      const verdict = restrictionVerdict(options.restrictions, host, role)
      if (verdict.verdict === 'error') throw verdict.error
      return verdict.verdict === 'run' ? { run: true } : { run: false, reason: verdict.reason }
    },
  }
}

/** The hosts that are named. A name that names nothing is an error, and so is an empty result: never all hosts, never this machine. */
export function select<H extends Matchable>(hosts: readonly H[], { limit, exclude = [] }: Pick<SelectionOptions, 'limit' | 'exclude'>): readonly H[] {
  if (hosts.length === 0) throw empty('The fleet has no hosts.', 'Write hosts under fleet.hosts, or look at what its boats give.')
  const taken = limit === undefined ? new Set(hosts) : named(hosts, limit)
  const left = named(hosts, exclude)
  const selected = hosts.filter((host) => taken.has(host) && !left.has(host))
  if (selected.length > 0) return selected
  if (limit?.length === 0) throw empty('The limit names no host.', 'Name hosts, globs or group:NAME, or leave the limit out for all.')
  throw empty('Everything that was selected is excluded again.', 'Exclude less.')
}

function named<H extends Matchable>(hosts: readonly H[], patterns: readonly string[]): Set<H> {
  return new Set(patterns.flatMap((pattern) => {
    const exact = hosts.filter((host) => isNameOf(pattern, host))
    const found = exact.length > 0 ? exact : hosts.filter((host) => matchesHost(pattern, host))
    if (found.length === 0) throw nothing(pattern, hosts)
    return found
  }))
}

function nothing(pattern: string, hosts: readonly Matchable[]): ChaosError {
  const group = groupOf(pattern)
  const known = group === undefined ? hosts.flatMap(namesOf) : hosts.flatMap((host) => host.groups)
  const near = closest(group ?? pattern, known).map((name) => (group === undefined ? name : `group:${name}`))
  const first = [...new Set(group === undefined ? hosts.map((host) => host.name) : known)].slice(0, 5)
  const others = group === undefined ? `The fleet has ${first.join(', ')}${hosts.length > 5 ? `, and ${hosts.length - 5} more` : ''}.` : first.length > 0 ? `The fleet has the groups ${first.join(', ')}.` : 'The fleet has no groups.'
  return empty(`No host of the fleet is named by "${pattern}".`, near.length > 0 ? `Did you mean ${near.join(', ')}?` : others, { pattern, near })
}

/** Those a typing error would make of it, else those it is a part of: `web` for `web1`, `web2`. */
function closest(word: string, known: readonly string[]): string[] {
  const found = nearest(word, known, 5)
  return found.length > 0 || word.length < 3 ? found : [...new Set(known.filter((name) => name.includes(word)))].slice(0, 5)
}

function empty(message: string, hint: string, details?: Record<string, unknown>): ChaosError {
  return new ChaosError('SELECTION_EMPTY', { message, hint, ...(details && { details }) })
}
