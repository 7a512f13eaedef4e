import path from 'node:path'
import type { MasterKey } from '@chaos/sops'

/** A config of sops with one rule, for files called secrets, or for this one alone where it is called otherwise. */
export function sopsConfigText(file: string, keys: readonly MasterKey[]): string {
  const name = path.basename(file)
  const names = /^secrets.*\.(ya?ml|json)$/.test(name) ? 'secrets[^/]*\\.(ya?ml|json)' : name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const kinds = [...new Set(keys.map(({ kind }) => kind))]
  const groups = kinds.map((kind, index) => [`${index === 0 ? '      - ' : '        '}${kind}:`, ...keys.filter((key) => key.kind === kind).map(({ id }) => `          - ${id}`)])
  return ['creation_rules:', `  - path_regex: '(^|/)${names.replaceAll("'", "''")}$'`, '    key_groups:', ...groups.flat(), ''].join('\n')
}
