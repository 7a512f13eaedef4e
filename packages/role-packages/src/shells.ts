/** Shells that are packages of their own name, on every distribution that has them. */
const SHELLS = new Set(['bash', 'dash', 'fish', 'mksh', 'tcsh', 'zsh'])

/** The packages of the shells that users have. What is wrong with `users` is said by the role users. */
export function shellPackages(users: unknown): string[] {
  const list = Array.isArray(users) ? users : ((users ?? {}) as { list?: unknown }).list
  const shells = (Array.isArray(list) ? list : []).flatMap((user: unknown) => {
    const { shell, state } = (user ?? {}) as { shell?: unknown; state?: unknown }
    return typeof shell === 'string' && state !== 'absent' ? [shell] : []
  })
  const names = shells.map((shell) => /^(?:(?:\/usr)?\/bin\/)?([^/]+)$/.exec(shell)?.[1] ?? '')
  return [...new Set(names)].filter((name) => SHELLS.has(name))
}
