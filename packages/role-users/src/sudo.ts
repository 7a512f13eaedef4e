import type { UserItem } from './keys.ts'

/** What `server.sudoers` takes, but for its name. */
export type SudoRule = { content: string } | { user: string; nopasswd?: boolean; commands?: string[]; runas?: string }

/** The file of an account's rule. A dot would make sudo pass it over; no name holds a plus. */
export function sudoName(user: string): string {
  return `chaos-${user.replaceAll('.', '+')}`
}

export function sudoPath(user: string): string {
  return `/etc/sudoers.d/${sudoName(user)}`
}

/** Where the Python Ch-aOS wrote it. The same account's file counts as ours: it goes when ours is there, or when there is to be none. */
export function formerPath(user: string): string {
  return `/etc/sudoers.d/99-charonte-${user}`
}

/** The rule that is to hold; undefined = none. */
export function sudoRule({ name, sudo }: Pick<UserItem, 'name' | 'sudo'>): SudoRule | undefined {
  if (sudo === undefined || sudo === false) return undefined
  if (sudo === true) return { user: name }
  if (typeof sudo === 'string') return { content: `${sudo.startsWith(`${name} `) ? '' : `${name} `}${sudo}\n` }
  const { nopasswd, commands, runas } = sudo
  return { user: name, ...(nopasswd === undefined ? {} : { nopasswd }), ...(commands === undefined ? {} : { commands }), ...(runas === undefined ? {} : { runas }) }
}
