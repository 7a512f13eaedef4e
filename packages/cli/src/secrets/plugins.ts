import type { Plugins } from '@chaos/discovery'
import type { Warning } from '../aliases.ts'
import type { LoadedRole } from '../roles.ts'

/** What a role is given of the secrets file, by dotted names: what it declares; a short form, which declares nothing, what it was granted. */
export function wantedSecrets({ role, secrets = [] }: LoadedRole): readonly string[] {
  return role.definition?.secrets ?? secrets
}

/** The roles of a run, with all secrets granted to those short forms that `secret_plugins` of the config names; a name that is none is told. */
export function grantSecrets(roles: readonly LoadedRole[], named: readonly string[], plugins: Plugins): { roles: LoadedRole[]; warnings: Warning[] } {
  const full = roles.filter(({ tag, role }) => named.includes(tag) && role.form === 'full').map(({ tag }) => warning(`${tag}, which declares its secrets itself`, 'Take it out; it gets what it declares.'))
  const installed = plugins.list('roles').map(({ name }) => name)
  const missing = named.filter((name) => !installed.includes(name)).map((name) => warning(`${name}, and no such role is installed`, '`chaos check roles` lists what there is.'))
  return { roles: roles.map((each) => (named.includes(each.tag) && each.role.form === 'short' ? { ...each, secrets: ['.'] } : each)), warnings: [...full, ...missing] }
}

function warning(what: string, hint: string): Warning {
  return { code: 'SECRET_PLUGINS', message: `secret_plugins of the config names ${what}.`, hint }
}
