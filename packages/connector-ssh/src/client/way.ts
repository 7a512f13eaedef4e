import type { Target } from '@chaos/core'
import type { Settings } from '../settings/contract.ts'

/** What tells apart the machines that are reached: what is dialled, and from where. */
export function wayOf({ hostname, port, jumps, proxyCommand }: Settings, target: Target): string {
  return JSON.stringify([target.below, jumps.map((hop) => [hop.user, hop.hostname, hop.port]), proxyCommand ?? null, hostname, port])
}
