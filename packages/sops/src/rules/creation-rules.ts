import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseDocument as parseYaml } from 'yaml'
import { failure } from '../failure.ts'
import type { KeyGroup, MasterKey } from '../keys/master-key.ts'
import { goRegex } from '../selection/go-regex.ts'
import { SELECTION_KEYS, selectionOf } from '../selection/selection.ts'
import type { SelectionRules } from '../selection/selection.ts'

export const CONFIG_NAME = '.sops.yaml'
/** Folders upwards in which sops looks. */
const MAX_UP = 100

/** How new files are encrypted. */
export interface CreationRule {
  groups: readonly KeyGroup[]
  threshold?: number
  rules: SelectionRules
}

type Fields = Readonly<Record<string, unknown>>

/** The `.sops.yaml` for a file: in its folder, or the nearest above. Undefined where there is none. */
export function findSopsConfig(file: string): string | undefined {
  let folder = path.dirname(path.resolve(file))
  for (let up = 0; up < MAX_UP; up++) {
    const config = path.join(folder, CONFIG_NAME)
    if (existsSync(config)) return config
    if (folder === path.dirname(folder)) return undefined
    folder = path.dirname(folder)
  }
  return undefined
}

/** {@link creationRule} of a config on disk: `.sops.yaml`, or a `sops-config.yml` of Ch-aOS. Throws SOPS_CONFIG where it cannot be read. */
export function readSopsConfig(config: string, file: string): CreationRule {
  let text: string
  try {
    text = readFileSync(config, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw failure('SOPS_CONFIG', config, { message: code === 'ENOENT' ? 'there is no such file.' : `it cannot be read (${code}).`, hint: 'Name the config of sops, or write one with `chaos init secrets`.' })
  }
  return creationRule(text, config, file)
}

/**
 * The first rule of a config whose `path_regex` fits the file; one without fits all. The path is compared from the config's
 * folder. Throws SOPS_CONFIG, SOPS_NO_RULE, SOPS_REGEX.
 */
export function creationRule(text: string, config: string, file: string): CreationRule {
  const odd = (message: string, hint = 'See the creation rules in the documentation of sops.'): never => {
    throw failure('SOPS_CONFIG', config, { message, hint })
  }
  const rules = rulesOf(text, odd)
  return ruleOf(rules[indexFor(rules, config, file, odd)] as Fields, config, odd)
}

/** The text of a config whose one rule is that for a file, wherever the file lies. Throws what {@link creationRule} throws. */
export function configFor(text: string, config: string, file: string): string {
  const odd = (message: string): never => {
    throw failure('SOPS_CONFIG', config, { message, hint: 'See the creation rules in the documentation of sops.' })
  }
  const rules = rulesOf(text, odd)
  const { path_regex: _, ...rule } = rules[indexFor(rules, config, file, odd)] as Fields
  return JSON.stringify({ ...(parseYaml(text).toJS() as Fields), creation_rules: [rule] }, null, 2)
}

function indexFor(rules: readonly Fields[], config: string, file: string, odd: (message: string) => never): number {
  const folder = path.dirname(path.resolve(config)) + path.sep
  const absolute = path.resolve(file)
  const compared = absolute.startsWith(folder) ? absolute.slice(folder.length) : absolute
  const index = rules.findIndex((each) => {
    if (each.path_regex === undefined || each.path_regex === '') return true
    if (typeof each.path_regex !== 'string') return odd('a path_regex is no text.')
    const regex = goRegex(each.path_regex)
    if (!regex) throw failure('SOPS_REGEX', config, { message: `a path_regex is no regular expression that can be kept to here: ${each.path_regex}`, hint: 'Write it in the syntax of RE2, without lookahead and back references.' })
    return regex.test(compared)
  })
  if (index === -1) throw failure('SOPS_NO_RULE', config, { message: `none of its creation rules fits ${compared}.`, hint: 'Add a rule whose path_regex fits, or one without at the end.', details: { path: compared } })
  return index
}

/** All rules of a config, in order, whatever file they are for. Throws SOPS_CONFIG, SOPS_REGEX. */
export function allCreationRules(text: string, config: string): CreationRule[] {
  const odd = (message: string, hint = 'See the creation rules in the documentation of sops.'): never => {
    throw failure('SOPS_CONFIG', config, { message, hint })
  }
  return rulesOf(text, odd).map((rule) => ruleOf(rule, config, odd))
}

function rulesOf(text: string, odd: (message: string) => never): Fields[] {
  const document = parseYaml(text, { prettyErrors: false, logLevel: 'silent' })
  if (document.errors.length > 0) odd(`it is no YAML (${(document.errors[0] as { code: string }).code.toLowerCase().replaceAll('_', ' ')}).`)
  const config = document.toJS() as unknown
  const rules = isMap(config) ? config.creation_rules : undefined
  if (!Array.isArray(rules)) return odd('it has no list creation_rules.')
  return rules.map((rule: unknown) => (isMap(rule) ? rule : odd('a creation rule is no map.')))
}

function ruleOf(rule: Fields, config: string, odd: (message: string, hint?: string) => never): CreationRule {
  const rules: SelectionRules = {}
  for (const key of SELECTION_KEYS) {
    const value = rule[key]
    if (value === undefined || value === '' || value === null) continue
    rules[key] = typeof value === 'string' ? value : odd(`${key} is no text.`)
  }
  if (rule.mac_only_encrypted === true) rules.mac_only_encrypted = true
  // Said now, where the config is at hand, and not when a file is encrypted.
  selectionOf(rules, config)
  const listed = rule.key_groups
  if (listed !== undefined && !Array.isArray(listed)) odd('key_groups is no list.')
  const groups = Array.isArray(listed) && listed.length > 0 ? listed.map((group: unknown) => groupOf(isMap(group) ? group : odd('a key group is no map.'), odd)) : [flatKeys(rule, odd)]
  const threshold = rule.shamir_threshold
  if (threshold !== undefined && !(Number.isInteger(threshold) && (threshold as number) >= 0)) odd('shamir_threshold is no whole number.')
  return { groups, ...(typeof threshold === 'number' && threshold > 0 && { threshold }), rules }
}

/** Kinds by what they are called in a rule, and in a key group. */
const RULE_KEYS: Record<string, string> = { age: 'age', pgp: 'pgp', kms: 'kms', gcp_kms: 'gcp_kms', hckms: 'hckms', azure_keyvault: 'azure_kv', hc_vault_transit_uri: 'hc_vault' }
const GROUP_KEYS: Record<string, string> = { age: 'age', pgp: 'pgp', kms: 'kms', gcp_kms: 'gcp_kms', hckms: 'hckms', azure_keyvault: 'azure_kv', hc_vault: 'hc_vault', vault: 'hc_vault', plugins: 'plugins' }
function flatKeys(rule: Fields, odd: (message: string) => never): MasterKey[] {
  return Object.entries(RULE_KEYS).flatMap(([key, kind]) => {
    const value = rule[key] ?? ''
    const ids: unknown[] = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : odd(`${key} is neither a text nor a list.`)
    return ids.map((id) => keyOf(kind, id, odd)).filter(({ id }) => id !== '')
  })
}

function groupOf(group: Fields, odd: (message: string) => never): MasterKey[] {
  const merged = group.merge ?? []
  if (!Array.isArray(merged)) return odd('merge is no list.')
  const own = Object.entries(GROUP_KEYS).flatMap(([key, kind]) => {
    const value = group[key] ?? []
    if (!Array.isArray(value)) return odd(`${key} of a key group is no list.`)
    // sops takes several age recipients in one text.
    return value.flatMap((id: unknown) => (typeof id === 'string' ? id.split(',') : [id])).map((id: unknown) => keyOf(kind, id, odd))
  })
  return [...merged.flatMap((inner: unknown) => groupOf(isMap(inner) ? inner : odd('merge holds no map.'), odd)), ...own]
}

function keyOf(kind: string, id: unknown, odd: (message: string) => never): MasterKey {
  const name = isMap(id) ? nameOf(id) : id
  if (typeof name !== 'string') return odd(`a key of the kind ${kind} is no text.`)
  return { kind, id: kind === 'pgp' ? name.replaceAll(' ', '') : name.trim() }
}

/** Of a key that is more than a text: as the metadata of a file names it. */
function nameOf(key: Fields): unknown {
  const { arn, role, vaultUrl, key: name, version } = key
  if (typeof arn === 'string') return typeof role === 'string' && role !== '' ? `${arn}+${role}` : arn
  if (typeof vaultUrl === 'string' && typeof name === 'string') return `${vaultUrl.replace(/\/$/, '')}/keys/${name}/${typeof version === 'string' ? version : ''}`
  return ['vaultUrl', 'resource_id', 'key_id', 'binary_name'].map((each) => key[each]).find((value) => typeof value === 'string')
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
