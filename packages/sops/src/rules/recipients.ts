import { isMap, isScalar, isSeq, parseDocument } from 'yaml'
import type { Document, YAMLMap } from 'yaml'
import { failure } from '../failure.ts'
import { sameKey } from '../keys/master-key.ts'
import type { MasterKey } from '../keys/master-key.ts'
import { allCreationRules } from './creation-rules.ts'

export interface RecipientChange {
  kind: 'age' | 'pgp' | 'hc_vault'
  add?: readonly string[]
  remove?: readonly string[]
  /** Only this rule, from 0. Default: all. */
  rule?: number
  /** What is added becomes a key group of its own, which must be opened too. */
  newGroup?: boolean
}

type Plain = Document.Parsed

/** What a kind is called in a rule without key groups. */
const RULE_NAMES: Record<RecipientChange['kind'], string> = { age: 'age', pgp: 'pgp', hc_vault: 'hc_vault_transit_uri' }

/**
 * The text of a config with recipients added to every key group of their kind, or removed; comments stay. Removing takes emptied
 * groups away. The same text where nothing changes. Throws SOPS_CONFIG, and SOPS_NO_RECIPIENT where nobody would be left.
 */
export function changeRecipients(text: string, config: string, change: RecipientChange): string {
  const count = allCreationRules(text, config).length
  const { rule: only } = change
  if (only !== undefined && !(only < count)) {
    throw failure('SOPS_CONFIG', config, { message: `it has no creation rule ${only}.`, hint: `Its rules are 0 to ${count - 1}.` })
  }
  const document = parseDocument(text)
  let changed = false
  for (let index = 0; index < count; index++) {
    if (only === undefined || only === index) changed = changeRule(document, document.getIn(['creation_rules', index]) as YAMLMap, config, change) || changed
  }
  if (!changed) return text
  const after = document.toString({ lineWidth: 0 })
  for (const { groups, threshold = 0 } of allCreationRules(after, config)) {
    if (groups.some((group) => group.length === 0)) throw failure('SOPS_NO_RECIPIENT', config, { message: 'nobody could decrypt what a rule is for: its last key would go.', hint: 'Add another key first.' })
    if (threshold > groups.length) throw failure('SOPS_SHARES', config, { message: `a rule asks for ${threshold} key groups, and would have ${groups.length}.`, hint: 'Lower its shamir_threshold first.' })
  }
  return after
}

function changeRule(document: Plain, rule: YAMLMap, config: string, change: RecipientChange): boolean {
  const { kind, add = [], newGroup } = change
  const groups = rule.get('key_groups')
  if (!isSeq(groups) || groups.items.length === 0) {
    if (!newGroup) return changeKeys(document, { map: rule, name: RULE_NAMES[kind], inRule: true }, change)
    throw failure('SOPS_CONFIG', config, { message: 'a rule names its keys without key_groups, and a group cannot be added to it.', hint: 'Write its keys as key_groups first.' })
  }
  if (newGroup) {
    groups.add(document.createNode({ [kind]: [...add] }))
    return true
  }
  const maps = groups.items.filter((group) => isMap(group))
  for (const map of maps) renameVault(map)
  const [first] = maps
  const fitting = maps.filter((group) => group.has(kind))
  // One group: who is added belongs there, whatever kinds it had.
  const meant = fitting.length === 0 && add.length > 0 && maps.length === 1 && first ? [first] : fitting
  if (meant.length === 0 && add.length > 0) throw failure('SOPS_CONFIG', config, { message: `none of the key groups of a rule has keys of ${kind}.`, hint: 'Make a group of its own: --create' })
  const changed = meant.map((group) => changeKeys(document, { map: group, name: kind, inRule: false }, change)).some(Boolean)
  // Without one left the rule stays as it is, to be refused.
  if (groups.items.some((group) => isMap(group) && group.items.length > 0)) groups.items = groups.items.filter((group) => !isMap(group) || group.items.length > 0)
  return changed
}

/** Ch-aOS wrote the keys of Vault under a name that sops does not read. */
function renameVault(group: YAMLMap): void {
  const pair = group.items.find(({ key }) => isScalar(key) && key.value === 'vault')
  if (pair && isScalar(pair.key) && !group.has('hc_vault')) pair.key.value = 'hc_vault'
}

interface Place {
  map: YAMLMap
  /** What the keys are called here. */
  name: string
  /** In the rule itself, where sops before 3.11 reads them as one text only. */
  inRule: boolean
}

/** Keys stand in a list, or in one text, parted by commas. */
function changeKeys(document: Plain, { map, name, inRule }: Place, { kind, add = [], remove = [] }: RecipientChange): boolean {
  if (!map.has(name) && add.length === 0) return false
  const node = map.get(name, true)
  const key = (id: string): MasterKey => ({ kind, id: id.trim() })
  const among = (id: string, others: readonly string[]): boolean => others.some((other) => sameKey(key(id), key(other)))
  const written = isSeq(node) ? node.items : isScalar(node) ? [node] : []
  const ids = written.flatMap((item) => (isScalar(item) && typeof item.value === 'string' ? item.value.split(',').map((id) => id.trim()).filter(Boolean) : []))
  const after = [...ids.filter((id) => !among(id, remove)), ...add.filter((id) => !among(id, ids))]
  if (after.length === ids.length && after.every((id, index) => id === ids[index])) return false
  if (after.length === 0) map.delete(name)
  else if (!isSeq(node)) map.set(name, inRule || isScalar(node) ? after.join(',') : document.createNode(after))
  else {
    // Items that stay keep their comments.
    node.items = node.items.filter((item) => !(isScalar(item) && typeof item.value === 'string' && among(item.value, remove)))
    for (const item of node.items) if (isScalar(item) && typeof item.value === 'string' && item.value.includes(',')) item.value = item.value.split(',').filter((id) => !among(id, remove)).join(',')
    for (const id of after.filter((each) => !among(each, ids))) node.add(document.createNode(id))
  }
  return true
}
