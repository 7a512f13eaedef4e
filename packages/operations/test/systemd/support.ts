import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { defineConnector, defineRole } from '@chaos/core'
import type { Connection, Op, Process } from '@chaos/core'
import { applyWith, noDebian, startDebian } from '@chaos/testkit'
import type { Applied, ApplyOptions, Debian } from '@chaos/testkit'

/** Why there is no machine with systemd. */
export const reason = noDebian()
export const because = reason === undefined ? '' : ` (${reason})`

/** Milliseconds for the first machine of a run: its archive may have to be made. */
export const FIRST = 600_000

/** A throw-away Debian with systemd as process 1, and what is applied to it as root. */
export interface OnSystemd {
  readonly debian: Debian
  run(script: string): Promise<string>
  apply(ops: () => readonly Op[], options?: Partial<ApplyOptions>): Promise<Applied>
  /** Applies it; then again, which must change nothing, in two exchanges. Gives what the first run said it would change. */
  make(ops: () => readonly Op[]): Promise<string[]>
  /** What applying it would change. */
  plan(ops: () => readonly Op[]): Promise<string[]>
}

export async function startSystemd(packages: readonly string[] = []): Promise<OnSystemd> {
  return onDebian(await startDebian({ systemd: true, packages }))
}

/** The same for a Debian that is there already, whatever manages its services. */
export function onDebian(debian: Debian): OnSystemd {
  const load = async (): Promise<unknown> => defineConnector({ open: async () => connectionTo(debian) })
  const apply: OnSystemd['apply'] = (ops, given = {}) => applyWith({ hosts: ['@machine'], roles: { it: defineRole(() => ops()) }, load, maxRemovals: 100, ...given })
  return {
    debian,
    run: (script) => debian.run(script),
    apply,
    async make(ops) {
      const first = await apply(ops)
      if (first.errors.length > 0) throw new Error(first.errors.map(({ code, message }) => `${code}: ${message}`).join('\n'))
      const again = await apply(ops)
      if (again.end.operations.changed !== 0 || again.hosts[0]?.exchanges !== 2) throw new Error(`again: ${summaries(again).join('; ')}, in ${again.hosts[0]?.exchanges} exchanges`)
      return summaries(first)
    },
    plan: async (ops) => {
      const planned = await apply(ops, { dry: true })
      if (planned.errors[0]) throw new Error(`${planned.errors[0].code}: ${planned.errors[0].message}`)
      return summaries(planned)
    },
  }
}

/** What a plan says would change; of what is not known yet, the reason. */
export function summaries({ plan }: Applied): string[] {
  return plan.hosts.flatMap(({ roles }) => roles.flatMap(({ operations }) => operations.flatMap(({ changes, reason: later }) => (later === undefined ? changes.map(({ summary }) => summary) : [`later: ${later}`]))))
}

/** Shells in it, as a connector would start them. */
function connectionTo({ engine, name }: Debian): Connection {
  return {
    async spawn(command): Promise<Process> {
      const child = spawn('docker', ['--host', `unix://${engine.socket}`, 'exec', '--interactive', name, 'sh', '-c', command.text], { detached: true })
      child.stdin.on('error', () => undefined)
      await once(child, 'spawn')
      return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exit: once(child, 'close').then(([code]) => ({ code: code as number | null })) }
    },
    close: async () => undefined,
  }
}
