import type { Configuration } from './lookup.ts'
import { refused } from './refused.ts'

const KEYWORDS: readonly (readonly [key: string, keyword: string, none: readonly string[]])[] = [
  // Passing over this one would trust a key that the user has revoked.
  ['revokedhostkeys', 'RevokedHostKeys', ['none']],
  ['proxyusefdpass', 'ProxyUseFdpass', ['no']],
]

/** Refuses what only the system's ssh can do and what cannot be left out: less safe, or no connection at all. */
export function refuseBeyond(found: Configuration, whence: string): void {
  for (const [key, keyword, none] of KEYWORDS) {
    const value = found.get(key)?.[0]
    if (value === undefined || none.includes(value)) continue
    throw refused('SSH_CONFIG', `${whence} has ${keyword}, which only the ssh of the system can do.`, 'Set ssh_transport: openssh for this host, or take it out.', { keyword })
  }
}
