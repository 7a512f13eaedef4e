import { keyType } from '../known-hosts/index.ts'
import type { KnownHosts } from '../known-hosts/index.ts'

export type KeyState = 'new' | 'trusted' | 'changed'

/**
 * How the keys that one machine has shown stand to the files. One that is trusted says who the machine is: its keys of types that are
 * not known yet are then new, though alone each would be a changed one.
 */
export function statesOf(keys: readonly Uint8Array[], known: KnownHosts): readonly KeyState[] {
  const verdicts = keys.map((key) => known.judge(key).state)
  const recognised = verdicts.includes('trusted')
  return keys.map((key, index) => {
    const verdict = verdicts[index]
    if (verdict === 'trusted') return 'trusted'
    // Who shows the fingerprint to a person may trust it, also where an authority would have vouched.
    if (verdict === 'unknown' || verdict === 'authority') return 'new'
    return verdict === 'changed' && recognised && !known.types.includes(keyType(key) ?? '') ? 'new' : 'changed'
  })
}
