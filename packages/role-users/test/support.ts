import { defineConnector } from '@chaos/core'
import { applyWith, startMachine } from '@chaos/testkit'
import type { Applied, ApplyOptions, Machine, MachineOptions } from '@chaos/testkit'
import { connectionTo, summaries } from '../../operations/test/accounts/support.ts'
import role from '../src/index.ts'

export { because, reason } from '../../operations/test/accounts/support.ts'
export { summaries }

/** Public halves of keys that were made for these tests alone. */
export const KEY = {
  laptop: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC/5pyT/VSgcCaOFRNXnPugpN6aIbygYkQ/bKkQwTcKq ana@laptop',
  desk: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA6hO7NhITT+KwA1F+NDLaRPxezpkd017pd/jlHlll4b ana@desk',
}

export interface OnMachine {
  readonly machine: Machine
  apply(desired: Record<string, unknown>, options?: Partial<ApplyOptions>): Promise<Applied>
  /** Applies it; then again, which must change nothing, in two exchanges at most. Gives what the first run said it changed. */
  make(desired: Record<string, unknown>, options?: Partial<ApplyOptions>): Promise<string[]>
  /** What applying it would change. */
  plan(desired: Record<string, unknown>): Promise<string[]>
  /** What the role remembers there. */
  remembered(): Promise<Record<string, unknown>>
}

/** A throw-away Debian where the role is applied as root. */
export async function withMachine(body: (on: OnMachine) => Promise<void>, options: MachineOptions = {}): Promise<void> {
  const machine = await startMachine(options)
  try {
    const load = async (): Promise<unknown> => defineConnector({ open: async () => connectionTo(machine) })
    const apply: OnMachine['apply'] = (desired, given = {}) => applyWith({ hosts: ['@machine'], roles: { users: role }, desired, load, maxRemovals: 100, ...given })
    await body({
      machine, apply,
      async make(desired, given) {
        const first = await apply(desired, given)
        if (first.errors.length > 0) throw new Error(first.errors.map(({ code, message }) => `${code}: ${message}`).join('\n'))
        const again = await apply(desired, given)
        if (again.end.operations.changed !== 0 || (again.hosts[0]?.exchanges ?? 3) > 2) throw new Error(`again: ${summaries(again).join('; ')}, in ${again.hosts[0]?.exchanges} exchanges`)
        return summaries(first)
      },
      plan: async (desired) => summaries(await apply(desired, { dry: true })),
      remembered: async () => (JSON.parse(await machine.run('cat /var/lib/chaos/state/users.json 2>/dev/null || echo "{\\"items\\":{}}"')) as { items: Record<string, unknown> }).items,
    })
  } finally {
    await machine.close()
  }
}
