import { ChaosError } from '@chaos/core'
import type { Restrictions } from '../run/contract.ts'
import { isNameOf, matchesHost } from './match-host.ts'
import type { Matchable } from './match-host.ts'

export type Verdict =
  | { readonly verdict: 'run' }
  /** `restricted by fleet.restrictions.black_list.HOST.ROLE` */
  | { readonly verdict: 'skip'; readonly reason: string }
  | { readonly verdict: 'error'; readonly error: ChaosError }

type List = 'allow_list' | 'black_list'
interface Entry {
  readonly key: string
  readonly roles: Readonly<Record<string, boolean>>
}

/**
 * Whether the restrictions let a role run on a host, decided in this order: listed in both lists is an error; listed
 * in the black list, skip; an empty black list entry without an allow list entry that lists something, skip; in the allow list,
 * but not for this role, skip; else run. `false` is the same as not listed.
 */
export function restrictionVerdict(restrictions: Restrictions | undefined, host: Matchable, role: string): Verdict {
  const allow = entriesOf(restrictions, 'allow_list', host)
  const black = entriesOf(restrictions, 'black_list', host)
  const allowed = allow.find((entry) => lists(entry, role))
  const denied = black.find((entry) => lists(entry, role))
  if (allowed && denied) return contradiction(host, role, allowed, denied)
  if (denied) return skip('black_list', denied.key, role)
  const all = black.find(isEmpty)
  if (all && !allow.some((entry) => !isEmpty(entry))) return skip('black_list', all.key)
  const [first] = allow
  if (first && !allowed) return skip('allow_list', first.key)
  return { verdict: 'run' }
}

/** Restrictions that name no host, as `fleet.restrictions.black_list.HOST`: a typing error there would let run what should not. */
export function unusedRestrictions(restrictions: Restrictions | undefined, hosts: readonly Matchable[]): string[] {
  return (['allow_list', 'black_list'] as const).flatMap((list) =>
    Object.keys(restrictions?.[list] ?? {})
      .filter((key) => !hosts.some((host) => isNameOf(key, host) || matchesHost(key, host)))
      .map((key) => pathOf(list, key)),
  )
}

/** The entries for a host: the one with its exact name, else all whose pattern names it. */
function entriesOf(restrictions: Restrictions | undefined, list: List, host: Matchable): Entry[] {
  const entries = Object.entries(restrictions?.[list] ?? {}).map(([key, roles]) => ({ key, roles }))
  const exact = entries.filter(({ key }) => isNameOf(key, host))
  return exact.length > 0 ? exact : entries.filter(({ key }) => matchesHost(key, host))
}

function lists({ roles }: Entry, role: string): boolean {
  return Object.hasOwn(roles, role) && roles[role] === true
}

function isEmpty({ roles }: Entry): boolean {
  return Object.keys(roles).length === 0
}

function skip(list: List, key: string, role?: string): Verdict {
  return { verdict: 'skip', reason: `restricted by ${pathOf(list, key, role)}` }
}

function pathOf(list: List, key: string, role?: string): string {
  return ['fleet.restrictions', list, key, role].filter((part) => part !== undefined).join('.')
}

function contradiction(host: Matchable, role: string, allowed: Entry, denied: Entry): Verdict {
  return {
    verdict: 'error',
    error: new ChaosError('RESTRICTION_CONTRADICTION', {
      message: `The role "${role}" is both allowed and forbidden on ${host.name}.`,
      hint: `Keep one of ${pathOf('allow_list', allowed.key, role)} and ${pathOf('black_list', denied.key, role)}.`,
      host: host.name,
      details: { role },
    }),
  }
}
