import type { Elevation } from '@chaos/core'

/** The one way a user is reached: `sudo`, `su` or `doas`, and as whom. undefined = the login user. */
export interface Way {
  readonly method: 'sudo' | 'su' | 'doas'
  readonly user: string
}

/** How an elevation is carried out. doas before su before sudo where several are given. */
export function wayOf(elevation: Elevation): Way | undefined {
  const { sudo, sudoUser, su, doas } = elevation
  if (doas !== undefined && doas !== false) return { method: 'doas', user: doas === true ? 'root' : doas }
  if (su !== undefined && su !== false) return { method: 'su', user: su === true ? 'root' : su }
  if (sudoUser !== undefined && sudoUser !== '') return { method: 'sudo', user: sudoUser }
  return sudo === true ? { method: 'sudo', user: 'root' } : undefined
}

/** Equal for elevations that lead to the same user in the same way; empty for the login user. */
export function elevationKey(elevation: Elevation): string {
  const way = wayOf(elevation)
  return way === undefined ? '' : `${way.method}:${way.user}`
}

/** `{}` when it leads to who we already are; else one key, written in one way. */
export function normalizeElevation(elevation: Elevation, login: { readonly uid: number; readonly user: string }): Elevation {
  const way = wayOf(elevation)
  if (way === undefined || way.user === login.user || (way.user === 'root' && login.uid === 0)) return {}
  if (way.method === 'sudo') return way.user === 'root' ? { sudo: true } : { sudoUser: way.user }
  return { [way.method]: way.user === 'root' ? true : way.user }
}
