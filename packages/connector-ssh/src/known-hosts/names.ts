import { createHmac } from 'node:crypto'

/** Bytes of the salt of a hashed name: those of SHA-1. */
export const SALT = 20

/** Whether the names of a line mean this host: a comma list with `*`, `?` and `!`, or one hashed name. */
export function namesMatch(names: string, host: string): boolean {
  // ssh keeps and looks up names in small letters; a hash may have been made of another spelling.
  const lower = host.toLowerCase()
  if (names.startsWith('|')) return hashMatches(names, lower) || (lower !== host && hashMatches(names, host))
  let found = false
  for (const each of names.toLowerCase().split(',')) {
    const not = each.startsWith('!')
    if (!patternMatches(not ? each.slice(1) : each, lower)) continue
    // One that is excluded stays so, wherever it stands in the list.
    if (not) return false
    found = true
  }
  return found
}

/** `|1|salt|hash`, the hash an HMAC-SHA1 of the name. */
export function hashName(host: string, salt: Buffer): string {
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(host).digest('base64')}`
}

function hashMatches(names: string, host: string): boolean {
  const [, version, salt = ''] = names.split('|')
  const bytes = Buffer.from(salt, 'base64')
  return version === '1' && bytes.length === SALT && names === hashName(host, bytes)
}

/** Steps back to the last `*` only, so that no pattern takes long. */
function patternMatches(pattern: string, text: string): boolean {
  let at = 0
  let star = -1
  let resume = 0
  for (let index = 0; index < text.length; ) {
    const wanted = pattern[at]
    if (wanted === '*') {
      star = at++
      resume = index
    } else if (wanted !== undefined && (wanted === '?' || wanted === text[index])) {
      at++
      index++
    } else if (star >= 0) {
      at = star + 1
      index = ++resume
    } else {
      return false
    }
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
