import { isMap } from './outputs.ts'

export type Followed =
  | { readonly found: true; readonly value: unknown }
  /** As far as it went: below `at` (empty for the top) there is no `rest`. */
  | { readonly found: false; readonly at: string; readonly rest: string; readonly value: unknown }

/**
 * What stands at a dotted path. A key may hold dots itself: at every step the longest key that fits is tried first, then
 * shorter ones. Lists are not entered.
 */
export function follow(value: unknown, path: string, at = ''): Followed {
  let nearest: Followed = { found: false, at, rest: path, value }
  const keys = isMap(value) ? Object.keys(value).filter((key) => key !== '' && (path === key || path.startsWith(`${key}.`))) : []
  for (const key of keys.toSorted((a, b) => b.length - a.length)) {
    const inner = (value as Record<string, unknown>)[key]
    if (path === key) return { found: true, value: inner }
    const followed = follow(inner, path.slice(key.length + 1), at === '' ? key : `${at}.${key}`)
    if (followed.found) return followed
    if (followed.at.length > nearest.at.length) nearest = followed
  }
  return nearest
}
