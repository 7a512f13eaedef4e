import type { Inventory, Requirement } from '@chaos/operations'

/**
 * Which of the packages that could go something that stays needs, and what. What only they themselves brought along does not count;
 * what stays is all else that somebody asked for, with everything it needs or was recommended with.
 */
export function neededBy(going: ReadonlySet<string>, { packages }: Pick<Inventory, 'packages'>, requirements: readonly Requirement[]): ReadonlyMap<string, string> {
  const needs = new Map<string, Requirement[]>()
  for (const each of requirements) needs.set(each.by, [...(needs.get(each.by) ?? []), each])
  const needed = new Map<string, string>()
  const stays = new Set([...packages.values()].filter(({ name, explicit, base }) => (explicit || base === true) && !going.has(name)).map(({ name }) => name))
  // A set hands out what is added while it is gone over.
  for (const name of stays) {
    for (const { anyOf, soft } of needs.get(name) ?? []) {
      const others = anyOf.filter((each) => !going.has(each) || needed.has(each))
      for (const each of others) stays.add(each)
      if (others.length > 0 || soft === true) continue
      for (const each of anyOf) {
        needed.set(each, name)
        stays.add(each)
      }
    }
  }
  return needed
}
