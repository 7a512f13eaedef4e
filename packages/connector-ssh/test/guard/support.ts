import { defineOperation, defineRole, script, secret, sh, touch } from '@chaos/core'
import type { Change, Command, Op, Schema } from '@chaos/core'
import type { EngineEvent } from '../../../engine/src/index.ts'
import { applyWith } from '@chaos/testkit'
import type { Applied, Sshd } from '@chaos/testkit'
import local from '../../../connector-local/src/index.ts'
import connector from '../../src/index.ts'

/** Takes everything. */
function anything<T>(): Schema<T> {
  return { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as T }) } }
}

/** A command that always runs, is said to be risky, and how it is undone. */
export const risky = defineOperation({
  name: 'test.risky',
  args: anything<{ name: string; command: Command; undo?: Command; paths?: readonly string[] }>(),
  diff: ({ name, command, undo }): Change[] => [{ summary: name, risk: 'access', ...(undo === undefined ? {} : { undo: [undo] }), do: [{ run: command }] }],
  touches: ({ paths = [] }) => paths.map(touch.path),
  action: true,
})

/** The same without a risk. */
export const plain = defineOperation({
  name: 'test.plain',
  args: anything<{ name: string; command: Command }>(),
  diff: ({ name, command }): Change[] => [{ summary: name, do: [{ run: command }] }],
  touches: () => [],
  action: true,
})

/** Has sshd read its configuration again; when that is taken back it must do it once more. */
export const reload = (): Op => {
  const command = sh`kill -HUP "$(cat /run/sshd.pid)"`
  return risky({ name: 'reload sshd', command, undo: command })
}

export interface GuardedRun {
  readonly user: string
  readonly steps: readonly Op[]
  /** More roles, one after another. */
  readonly later?: readonly (readonly Op[])[]
  readonly transport?: 'ssh2' | 'openssh'
  /** Seconds. Default 30: a login takes its time where the machine is busy. */
  readonly guard?: number
  readonly data?: Readonly<Record<string, unknown>>
  readonly password?: string
  readonly signal?: AbortSignal
  readonly dry?: boolean
}

export interface Guarded extends Applied {
  readonly guard: readonly Extract<EngineEvent, { type: 'guard' }>[]
  readonly asked: number
}

/** Data of a host that is reached as a user of the machine. */
export function hostData(sshd: Sshd, user: string, transport: 'ssh2' | 'openssh' = 'ssh2'): Record<string, unknown> {
  return {
    ssh_hostname: sshd.host, ssh_port: sshd.port, ssh_user: user, ssh_key: sshd.key, ssh_known_hosts_file: sshd.knownHosts, ssh_config_file: '/dev/null',
    ssh_connect_timeout: 20, ssh_transport: transport,
  }
}

/** A whole run with the access guard. */
export async function guarded(sshd: Sshd, { user, steps, later = [], transport, guard = 30, data = {}, password, signal, dry }: GuardedRun): Promise<Guarded> {
  let asked = 0
  const all = [steps, ...later]
  const applied = await applyWith({
    roles: Object.fromEntries(all.map((operations, index) => [`role${index}`, defineRole(() => operations)])),
    hosts: [{ name: '@ssh/web', data: { ...hostData(sshd, user, transport), ...data } }],
    load: async (_, name) => ({ ssh: connector, local })[name],
    guard,
    password: async () => {
      asked += 1
      return password === undefined ? undefined : secret(password)
    },
    ...(signal === undefined ? {} : { signal }),
    ...(dry === undefined ? {} : { dry }),
  })
  // What is shown meanwhile is left out.
  const guardEvents = applied.events.filter((event) => event.type === 'guard').filter(({ state }) => state !== 'asking' && state !== 'undoing')
  return { ...applied, asked, guard: guardEvents }
}

/** What is left of guards on a machine: watchers that run, and folders. */
export async function leftOf(sshd: Sshd): Promise<string> {
  return sshd.run(`for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <"$f" 2>/dev/null | grep '/[g]uard-' || :; done
find /run /var/lib /var/tmp /home /root /tmp -type d -name 'guard-20*'`)
}

/** Whether a user gets in, with a login of its own. */
export async function getsIn(sshd: Sshd, user: string): Promise<string> {
  const { operations, errors } = await guarded(sshd, { user, steps: [plain({ name: 'look', command: script('true') })], guard: 0 })
  return errors[0]?.code ?? operations[0] ?? ''
}
