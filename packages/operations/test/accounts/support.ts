import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { defineConnector, defineRole } from '@chaos/core'
import type { Connection, Op, Process } from '@chaos/core'
import { applyWith, noSshd, startMachine } from '@chaos/testkit'
import type { Applied, ApplyOptions, Machine, MachineOptions } from '@chaos/testkit'

/** Why there is no machine to make accounts on. */
export const reason = noSshd()
export const because = reason === undefined ? '' : ` (${reason})`

/** A throw-away Debian, and what is applied to it as root. */
export interface OnMachine {
  readonly machine: Machine
  apply(ops: () => readonly Op[], options?: Partial<ApplyOptions>): Promise<Applied>
  /** Applies it; then again, which must change nothing, in two exchanges. Gives what the first run said it changed. */
  make(ops: () => readonly Op[]): Promise<string[]>
  /** What applying it would change. */
  plan(ops: () => readonly Op[]): Promise<string[]>
}

export async function withMachine(body: (on: OnMachine) => Promise<void>, options: MachineOptions = {}): Promise<void> {
  const machine = await startMachine(options)
  try {
    const load = async (): Promise<unknown> => defineConnector({ open: async () => connectionTo(machine) })
    const apply: OnMachine['apply'] = (ops, given = {}) => applyWith({ hosts: ['@machine'], roles: { it: defineRole(() => ops()) }, load, maxRemovals: 100, ...given })
    await body({
      machine, apply,
      async make(ops) {
        const first = await apply(ops)
        if (first.errors.length > 0) throw new Error(first.errors.map(({ code, message }) => `${code}: ${message}`).join('\n'))
        const again = await apply(ops)
        if (again.end.operations.changed !== 0 || again.hosts[0]?.exchanges !== 2) throw new Error(`again: ${summaries(again).join('; ')}, in ${again.hosts[0]?.exchanges} exchanges`)
        return summaries(first)
      },
      plan: async (ops) => summaries(await apply(ops, { dry: true })),
    })
  } finally {
    await machine.close()
  }
}

/** What a plan says would change; of what is not known yet, the reason. */
export function summaries({ plan }: Applied): string[] {
  return plan.hosts.flatMap(({ roles }) => roles.flatMap(({ operations }) => operations.flatMap(({ changes, reason: later }) => (later === undefined ? changes.map(({ summary }) => summary) : [`later: ${later}`]))))
}

/** Shells on it, started as a connector would. */
export function connectionTo({ enter }: Machine): Connection {
  return {
    async spawn(command): Promise<Process> {
      const [program = '', ...inside] = enter
      const child = spawn(program, [...inside, 'sh', '-c', command.text], { env: { PATH: '/usr/bin:/bin', HOME: '/root', LANG: 'C.UTF-8' }, detached: true })
      child.stdin.on('error', () => undefined)
      await once(child, 'spawn')
      return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exit: once(child, 'close').then(([code]) => ({ code: code as number | null })) }
    },
    close: async () => undefined,
  }
}
