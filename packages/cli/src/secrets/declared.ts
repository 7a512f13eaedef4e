import { ChaosError, isSecret } from '@chaos/core'
import type { RoleDefinition, RoleKeys, Secret } from '@chaos/core'
import { valueAt } from '@chaos/sops'
import type { SecretTree } from '@chaos/sops'

export type Declaration = Pick<RoleDefinition<RoleKeys, unknown, {}>, 'secrets' | 'needsSecrets'>
type Tree = Readonly<Record<string, unknown>>

/** What a role declared, by its dotted name; `'.'` is all root keys. One that is missing is an error, unless the role does without. */
export function declaredSecrets(tag: string, { secrets: wanted = [], needsSecrets }: Declaration, tree: SecretTree, file: string): Tree {
  const given: Record<string, unknown> = {}
  for (const key of wanted) {
    if (key === '.') {
      Object.assign(given, tree)
      continue
    }
    const value = valueAt(tree, key.split('.'))
    if (value !== undefined) given[key] = value
    else if (needsSecrets !== false) throw new ChaosError('SECRETS_KEY_MISSING', { message: `The role ${tag} needs the secret ${key}, and ${file} does not have it.`, hint: `Add it: chaos secrets edit. \`chaos check secrets\` lists what there is.`, details: { role: tag, key } })
  }
  return given
}

/** All Secrets below a value. */
export function secretsIn(value: unknown): Secret[] {
  if (isSecret(value)) return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(secretsIn) : []
}
