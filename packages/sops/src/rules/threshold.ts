import { parseDocument } from 'yaml'
import { failure } from '../failure.ts'
import { allCreationRules } from './creation-rules.ts'

/**
 * The text of a config with another `shamir_threshold` in one of its rules, from 0; comments stay. A threshold of 0 or less takes it
 * away: all key groups are needed then. Throws SOPS_CONFIG, and SOPS_THRESHOLD where the rule has not that many key groups.
 */
export function changeThreshold(text: string, config: string, { rule, threshold }: { rule: number; threshold: number }): string {
  const rules = allCreationRules(text, config)
  const found = rules[rule]
  if (!found) throw failure('SOPS_CONFIG', config, { message: `it has no creation rule ${rule}.`, hint: `Its rules are 0 to ${rules.length - 1}.` })
  const { groups } = found
  if (threshold > 0 && (groups.length < 2 || threshold < 2 || threshold > groups.length)) {
    throw failure('SOPS_THRESHOLD', config, {
      message: groups.length < 2 ? `the rule ${rule} has one key group, and a threshold is for several.` : `a threshold of ${threshold} does not fit the ${groups.length} key groups of the rule ${rule}.`,
      hint: groups.length < 2 ? 'Add a group first: chaos secrets rotate-add age KEY --create' : `It is at least 2, and at most ${groups.length}; 0 takes it away.`,
    })
  }
  if ((found.threshold ?? 0) === Math.max(0, threshold)) return text
  const document = parseDocument(text)
  const path = ['creation_rules', rule, 'shamir_threshold']
  if (threshold > 0) document.setIn(path, threshold)
  else document.deleteIn(path)
  return document.toString({ lineWidth: 0 })
}
