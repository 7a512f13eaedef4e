import { sameKey } from '@chaos/sops'
import type { CreationRule, KeyGroup, Metadata } from '@chaos/sops'

/** Whether a file is encrypted for just those that a creation rule names. */
export function fitsRule({ groups, threshold }: Metadata, rule: CreationRule): boolean {
  const same = (a: KeyGroup, b: KeyGroup): boolean => a.length === b.length && a.every((key) => b.some((other) => sameKey(key, other)))
  if (groups.length !== rule.groups.length || !groups.every((group, index) => same(group, rule.groups[index] as KeyGroup))) return false
  return groups.length === 1 || threshold === (rule.threshold ?? groups.length)
}
