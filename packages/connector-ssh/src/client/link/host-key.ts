import type { ChaosError, PluginContext } from '@chaos/core'
import { appendKnownHost } from '../../known-hosts/append.ts'
import type { KnownHosts } from '../../known-hosts/contract.ts'
import { refusal } from '../../known-hosts/refusal.ts'
import type { Settings } from '../../settings/contract.ts'

/** Judges the key that a host shows, once for the life of a connection. */
export interface HostKeyJudge {
  /** For ssh2: false ends the connection before anything of the user is sent. */
  readonly accepts: (key: Buffer) => boolean
  /** Why it was refused. */
  readonly refused: () => ChaosError | undefined
  /** To be waited for before the user is named: an accepted new key is kept. Called when the host has proven that the key is its own. */
  readonly keep: () => Promise<void>
}

export function judgeHostKey(settings: Settings, known: KnownHosts, context: PluginContext): HostKeyJudge {
  let accepted: Buffer | undefined
  let isNew = false
  let refused: ChaosError | undefined

  return {
    accepts(key) {
      // A new exchange of keys in the middle of a connection shows the same key again.
      if (accepted !== undefined && refused === undefined) return accepted.equals(key)
      const verdict = known.judge(key)
      isNew = verdict.state === 'unknown' && settings.strict === 'accept-new'
      if (verdict.state === 'trusted' || isNew) {
        accepted = Buffer.from(key)
        return true
      }
      refused = refusal(settings, verdict, key)
      return false
    },
    refused: () => refused,
    async keep() {
      if (isNew && accepted !== undefined) await appendKnownHost(settings, accepted, context)
    },
  }
}
